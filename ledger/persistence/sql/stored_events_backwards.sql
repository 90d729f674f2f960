-- The same, last to first: with a limit of one it is the latest snapshot.
SELECT stream_id, key, topic, state
FROM events
WHERE shard = 0 AND stream_id = %(stream_id)s AND key > %(after)s AND key <= %(upto)s
ORDER BY key DESC
LIMIT %(limit)s::bigint
