-- What a listener shows once it has heard of a row.
SELECT * FROM bare_events WHERE shard = 0 AND position = %(position)s::bigint
