-- Accounts that could not be folded.  They stay until they can be: never skipped, never expired.
CREATE TABLE IF NOT EXISTS quarantine (
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  error           text    NOT NULL,
  projector       integer NOT NULL,
  since           timestamptz NOT NULL,
  tries           integer NOT NULL DEFAULT 1,
  tried_at        timestamptz NOT NULL,
  PRIMARY KEY (shard, account_id)
)
