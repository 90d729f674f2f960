-- Accounts that were in quarantine and could be folded again: what is healed can be asked about.
CREATE TABLE IF NOT EXISTS quarantine_history (
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  error           text    NOT NULL,
  failed_topic    text,
  projector       integer NOT NULL,
  tries           integer NOT NULL,
  since           timestamptz NOT NULL,
  released_at     timestamptz NOT NULL,
  PRIMARY KEY (shard, account_id, released_at)
)
