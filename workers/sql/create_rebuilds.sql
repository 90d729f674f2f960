-- What is owed of a rebuild: pieces of a shard, from behind one account up to another.
CREATE TABLE IF NOT EXISTS rebuilds (
  generation integer NOT NULL,
  shard      integer NOT NULL,
  chunk      integer NOT NULL,
  after      text    NOT NULL COLLATE "C",
  upto       text    NOT NULL COLLATE "C",
  accounts   integer NOT NULL,
  quarantined integer NOT NULL DEFAULT 0,
  asked_at   timestamptz NOT NULL DEFAULT now(),
  -- NULL while it is owed.
  done_at    timestamptz,
  PRIMARY KEY (generation, shard, chunk)
)
