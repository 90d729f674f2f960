-- Before there were generations a rebuild had one row a shard.
DO $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('rebuilds') AND attname = 'after' AND attnum = 2
  ) THEN
    DROP TABLE rebuilds;
  END IF;
END
$$
