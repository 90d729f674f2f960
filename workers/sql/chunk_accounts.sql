-- The accounts of a chunk.
SELECT stream_id
FROM streams
WHERE shard = %(shard)s AND stream_id > %(after)s AND stream_id <= %(upto)s
  AND position('/' IN stream_id) = 0
ORDER BY stream_id
