-- Every account that changes by the business date has been folded for it.
UPDATE all_checkpoints
SET rolled_to = business_date
WHERE generation = %(generation)s AND shard = %(shard)s AND business_date = %(day)s
