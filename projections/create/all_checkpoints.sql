-- How far each shard of each generation is projected.  Its row lock is the queue of projectors.
CREATE TABLE IF NOT EXISTS all_checkpoints (
  generation    integer NOT NULL,
  shard         integer NOT NULL,
  position      bigint  NOT NULL DEFAULT 0,
  -- The date on which rows are made now; it moves first, so no row is ever made for an earlier day.
  business_date date,
  -- The last date for which every account that changed with it was folded again.
  rolled_to     date,
  moved_at      timestamptz,
  -- False while accounts that stood in the log before `position` are still to be folded.
  is_built      boolean NOT NULL,
  PRIMARY KEY (generation, shard)
)
