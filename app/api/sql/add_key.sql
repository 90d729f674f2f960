-- Let somebody in.
INSERT INTO api_keys (key_id, name, role, account_id, digest, created_at)
VALUES (%(key_id)s, %(name)s, %(role)s, %(account_id)s, %(digest)s, %(created_at)s)
