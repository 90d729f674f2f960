-- The late step that projected an event; none where it was prompt, or is not projected at all.
SELECT recorded_at, projected_at
FROM projection_delays
WHERE shard = %(shard)s AND position >= %(position)s AND after_position < %(position)s
ORDER BY projected_at
LIMIT 1
