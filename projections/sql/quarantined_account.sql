-- One account's entry in the quarantine, if it has one.
SELECT
  shard, account_id, account_version, error, failed_topic, failed_version, failed_position,
  projector, tried_by[cardinality(tried_by)] AS code, since, tries, tried_at
FROM quarantine
WHERE shard = %(shard)s AND account_id = %(account_id)s
