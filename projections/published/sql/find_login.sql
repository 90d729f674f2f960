-- What a login of the database is: can it log in, may it see what borrowers see, may it see more?
-- Since version 16 a member of a role need not have its rights, but may take them for himself.
SELECT
  rolcanlogin,
  pg_has_role(oid, to_regrole('duebook_borrower'), 'MEMBER'),
  rolsuper OR rolcreaterole OR rolbypassrls OR EXISTS (
    SELECT FROM pg_roles AS other
    WHERE other.oid <> login.oid AND other.rolname <> 'duebook_borrower'
      AND pg_has_role(login.oid, other.oid, 'MEMBER')
  )
FROM pg_roles AS login
WHERE rolname = %(login)s
