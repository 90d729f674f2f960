-- The key that somebody shows, as long as it is good.
SELECT role, account_id, digest FROM api_keys WHERE key_id = %(key_id)s AND revoked_at IS NULL
