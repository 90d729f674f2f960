-- The events of an aggregate between two versions, first to last.  Keys sort as their versions do,
-- so the index on keys gives the range in order.
SELECT stream_id, key, topic, state
FROM events
WHERE shard = 0 AND stream_id = %(stream_id)s AND key > %(after)s AND key <= %(upto)s
ORDER BY key
LIMIT %(limit)s::bigint
