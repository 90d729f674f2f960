-- How many accounts some shards hold; streams with a slash are not accounts.
SELECT count(*) FROM streams WHERE shard = ANY(%(shards)s) AND position('/' IN stream_id) = 0
