-- Accounts that could not be folded.  They stay until they can be: never skipped, never expired.
CREATE TABLE IF NOT EXISTS all_quarantine (
  generation      integer NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  error           text    NOT NULL,
  -- The event with which folding begins to fail, where it can be told.
  failed_topic    text,
  failed_version  integer,
  failed_position bigint,
  projector       integer NOT NULL,
  -- The versions of the code that have tried this version of the account, the last one last.
  tried_by        text[]  NOT NULL,
  since           timestamptz NOT NULL,
  tries           integer NOT NULL DEFAULT 1,
  tried_at        timestamptz NOT NULL,
  PRIMARY KEY (generation, shard, account_id)
)
