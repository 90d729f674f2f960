-- Finds the accounts that a day calls for without looking at those that it does not.
CREATE INDEX IF NOT EXISTS assessments_by_day ON assessments (shard, next_on)
