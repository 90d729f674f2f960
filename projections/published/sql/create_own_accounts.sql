-- The accounts of whoever asks.  By the login, which no SET can change; not by the role that it has
-- taken, nor by anything that the connection could say of itself.
CREATE OR REPLACE VIEW own_accounts AS
SELECT borrower_logins.shard, borrower_logins.account_id
FROM borrower_logins
JOIN pg_catalog.pg_roles ON pg_roles.oid = borrower_logins.login
WHERE pg_roles.rolname = session_user
