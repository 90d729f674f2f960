-- The checkpoints of the live generation.
CREATE OR REPLACE VIEW checkpoints AS
SELECT shard, position, business_date, rolled_to, moved_at
FROM all_checkpoints
WHERE generation = (SELECT number FROM generations WHERE state = 'live')
