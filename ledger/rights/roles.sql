-- Of each role: is it there, can the login user take it, has this ledger granted it anything, may
-- it make tables here?  Since version 16 a member of a role need not be one who can take it.
SELECT
  asked.name,
  oid IS NOT NULL,
  coalesce(pg_has_role(
    session_user, oid,
    CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END
  ), false),
  coalesce(has_table_privilege(oid, to_regclass('ledger'), 'SELECT'), false),
  coalesce(has_schema_privilege(oid, current_schema(), 'CREATE'), false)
FROM unnest(%(roles)s::text[]) WITH ORDINALITY AS asked (name, ordinal)
LEFT JOIN pg_roles ON rolname = asked.name
ORDER BY asked.ordinal
