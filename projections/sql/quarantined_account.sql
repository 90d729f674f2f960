-- One account's entry in the quarantine, if it has one.
SELECT shard, account_id, account_version, error, projector, since, tries, tried_at
FROM quarantine
WHERE shard = %(shard)s AND account_id = %(account_id)s
