-- The chunk is built, in the transaction that wrote its rows.
UPDATE rebuilds
SET done_at = now(), quarantined = %(quarantined)s
WHERE generation = %(generation)s AND shard = %(shard)s AND chunk = %(chunk)s
