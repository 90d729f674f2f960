-- The end of each shard.  Its row lock is the queue of writers; every append updates it in place.
CREATE TABLE heads (
  shard integer PRIMARY KEY,
  position bigint NOT NULL DEFAULT 0,
  recorded_at timestamptz,
  CHECK ((position = 0) = (recorded_at IS NULL))
) WITH (fillfactor = 10)
