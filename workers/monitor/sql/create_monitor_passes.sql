-- How far the daily pass over everything has come in each shard.  Its row lock is the turn.
CREATE TABLE IF NOT EXISTS monitor_passes (
  shard       integer PRIMARY KEY,
  -- The business date that is looked at, and the last stream that was.
  day         date,
  after       text NOT NULL DEFAULT '' COLLATE "C",
  streams     integer NOT NULL DEFAULT 0,
  suspects    integer NOT NULL DEFAULT 0,
  begun_at    timestamptz,
  finished_at timestamptz,
  -- Not before: the pass leaves the others their share of the machine.
  next_at     timestamptz,
  -- The last day that was looked at to its end.
  checked_day date
)
