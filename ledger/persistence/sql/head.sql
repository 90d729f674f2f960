-- The end of the one shard: what a subscription looks at again and again.
SELECT position FROM heads WHERE shard = 0
