-- Every account in quarantine, the longest first.
SELECT shard, account_id, account_version, error, projector, since, tries, tried_at
FROM quarantine
ORDER BY since, account_id
