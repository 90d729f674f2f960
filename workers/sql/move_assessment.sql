-- The news up to this position are assessed.
UPDATE assessment_progress SET position = %(position)s WHERE shard = %(shard)s
