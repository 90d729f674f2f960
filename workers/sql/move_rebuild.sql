-- All accounts up to this one are done.
UPDATE rebuilds SET after = %(after)s WHERE shard = %(shard)s
