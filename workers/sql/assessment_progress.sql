-- For which day each shard was assessed.
SELECT shard, assessed_to FROM assessment_progress ORDER BY shard
