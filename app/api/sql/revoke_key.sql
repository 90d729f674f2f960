-- Let somebody in no more; a second time changes nothing.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, %(revoked_at)s)
WHERE key_id = %(key_id)s
RETURNING key_id, name, role, account_id, created_at, revoked_at
