-- Every account in quarantine, the longest first.
SELECT
  shard, account_id, account_version, error, failed_topic, failed_version, failed_position,
  projector, tried_by[cardinality(tried_by)] AS code, since, tries, tried_at
FROM quarantine
ORDER BY since, account_id
