-- The yardstick of an append: the columns of the log, and of its indexes only the primary key.
CREATE TABLE bare_events (
  shard integer,
  position bigint,
  stream_id text,
  version integer,
  topic text,
  effective_on date,
  recorded_at timestamptz,
  key text,
  state bytea,
  digest bytea,
  PRIMARY KEY (shard, position)
)
