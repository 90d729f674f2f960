-- Every key that there is or was, without its digest.
SELECT key_id, name, role, account_id, created_at, revoked_at
FROM api_keys
ORDER BY created_at, key_id
