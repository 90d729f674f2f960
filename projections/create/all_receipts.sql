-- What the rows of an account were made from, and what they were: fresh is told from stale by it.
CREATE TABLE IF NOT EXISTS all_receipts (
  generation      integer NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  digest          bytea   NOT NULL,
  projector       integer NOT NULL,
  as_of           date    NOT NULL,
  changes_on      date,
  -- Of each view, by the name of its table: how many rows were written, a digest of their values.
  contents        jsonb   NOT NULL,
  projected_at    timestamptz NOT NULL,
  PRIMARY KEY (generation, shard, account_id)
)
