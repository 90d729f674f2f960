-- Steps of a projector that came late: events behind `after_position`, up to `position`, waited.
-- What stands in no row was projected within the seconds that count as prompt.
CREATE TABLE IF NOT EXISTS projection_delays (
  shard          integer NOT NULL,
  position       bigint  NOT NULL,
  after_position bigint  NOT NULL,
  -- When the first of these events was recorded: how long it was missing in the views.
  recorded_at    timestamptz NOT NULL,
  projected_at   timestamptz NOT NULL,
  PRIMARY KEY (shard, position)
)
