-- Which logins see which accounts, and whether the login is still there.
SELECT coalesce(rolname, login::text) AS login, account_id, bound_at, rolname IS NOT NULL AS exists
FROM borrower_logins
LEFT JOIN pg_roles ON pg_roles.oid = login
ORDER BY 1, account_id
