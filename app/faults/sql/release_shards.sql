-- Let all projectors go on.
DELETE FROM held_shards
