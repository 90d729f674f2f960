-- A new generation follows each shard from where the log ends now: what stands before is built in
-- chunks.  Its rows are never of an earlier day than those of the live one.
INSERT INTO all_checkpoints (generation, shard, position, business_date, is_built)
SELECT %(generation)s, shard, heads.position, greatest(%(day)s, checkpoints.business_date), false
FROM heads
LEFT JOIN checkpoints USING (shard)
