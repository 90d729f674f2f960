-- The log of days: when each business date was rolled in the live views.
CREATE TABLE IF NOT EXISTS day_rolls (
  shard     integer NOT NULL,
  day       date    NOT NULL,
  rolled_at timestamptz NOT NULL,
  PRIMARY KEY (shard, day)
)
