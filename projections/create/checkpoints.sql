-- How far each shard is projected.  Its row lock is the queue of projectors of the shard.
CREATE TABLE IF NOT EXISTS checkpoints (
  shard         integer PRIMARY KEY,
  position      bigint  NOT NULL DEFAULT 0,
  -- The date on which rows are made now; it moves first, so no row is ever made for an earlier day.
  business_date date,
  -- The last date for which every account that changed with it was folded again.
  rolled_to     date,
  moved_at      timestamptz
)
