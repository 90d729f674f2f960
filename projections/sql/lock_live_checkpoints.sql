-- Nobody projects the live views from here to the commit.
SELECT shard FROM all_checkpoints
WHERE generation = (SELECT number FROM generations WHERE state = 'live')
ORDER BY shard
FOR UPDATE
