-- Whoever follows the log into the live views of a held shard fails, and rolls all of it back.
-- Healing moves no position, so it goes on.  It runs as the owner, whose the table is.
CREATE OR REPLACE FUNCTION hold_projector() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM held_shards WHERE shard = NEW.shard)
    AND EXISTS (SELECT FROM generations WHERE number = NEW.generation AND state = 'live')
  THEN
    RAISE EXCEPTION 'a fault was injected: the projector of shard % is held', NEW.shard
      USING HINT = 'Let it go on with `duebook fault mend`.';
  END IF;
  RETURN NEW;
END
$$
