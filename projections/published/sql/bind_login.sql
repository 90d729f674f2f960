-- From now on the login sees the account, besides those that it sees already.
INSERT INTO borrower_logins (login, shard, account_id, bound_at)
SELECT oid, %(shard)s, %(account_id)s, %(at)s FROM pg_roles WHERE rolname = %(login)s
ON CONFLICT DO NOTHING
