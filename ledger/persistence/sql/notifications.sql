-- The next events in the order of the one shard.  What the ledger says of itself, such as that it
-- was opened, is no notification: only keys of versions are.
SELECT position, stream_id, key, topic, state
FROM events
WHERE shard = 0 AND position > %(after)s AND position <= %(upto)s
  AND (%(topics)s::text[] = '{}' OR topic = ANY (%(topics)s))
  AND key ~ '^v[0-9]{10}$'
ORDER BY position
LIMIT %(limit)s
