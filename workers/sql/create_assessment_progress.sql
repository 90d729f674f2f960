-- How far the news of each shard were assessed, and for which day.  Its row lock is the turn.
CREATE TABLE IF NOT EXISTS assessment_progress (
  shard       integer PRIMARY KEY,
  position    bigint NOT NULL DEFAULT 0,
  assessed_to date
)
