-- Every account that changes by the business date has been folded for it.
UPDATE checkpoints
SET rolled_to = business_date
WHERE shard = %(shard)s AND business_date = %(day)s
