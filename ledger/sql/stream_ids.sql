-- The streams of a shard, page by page: the last id of a page is where the next one starts.
SELECT stream_id
FROM streams
WHERE shard = %(shard)s AND stream_id > %(after)s
ORDER BY stream_id
LIMIT %(limit)s
