-- All that the day called for, and all that was news, is assessed.
UPDATE assessment_progress SET assessed_to = %(day)s WHERE shard = %(shard)s
