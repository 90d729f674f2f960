-- From here on rows of the shard are made for this date; an earlier date changes nothing.
UPDATE all_checkpoints
SET business_date = greatest(business_date, %(day)s)
WHERE generation = %(generation)s AND shard = %(shard)s
