-- Take the turn at a rebuild, unless another worker has it: it needs no second one.
SELECT after FROM rebuilds WHERE shard = %(shard)s FOR UPDATE SKIP LOCKED
