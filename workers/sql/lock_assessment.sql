-- Take the turn at assessing a shard, unless another worker has it: it needs no second one.
SELECT position, assessed_to
FROM assessment_progress
WHERE shard = %(shard)s
FOR UPDATE SKIP LOCKED
