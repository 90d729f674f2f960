-- Whom an incident concerns: accounts, or whole shards, which have no account here.
CREATE TABLE IF NOT EXISTS incident_members (
  number      bigint  NOT NULL REFERENCES incidents,
  shard       integer NOT NULL,
  account_id  text    NOT NULL COLLATE "C",
  joined_at   timestamptz NOT NULL,
  evidence    jsonb   NOT NULL,
  -- How often it was tried to heal it, and when it is looked at next.
  tries       integer NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL,
  cleared_at  timestamptz,
  -- The check that was clean: what was compared, at which version and digest.
  proof       jsonb,
  PRIMARY KEY (number, shard, account_id)
)
