-- Tables, views and functions of the schema that the login user made, before there were roles or
-- before it could take them, go to the owner, and so do the views of guests.  What came with an
-- extension stays where it is.
DO $$
DECLARE
  command text;
BEGIN
  FOR command IN
    SELECT format(
      'ALTER %s %I.%I OWNER TO duebook_owner',
      CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, nspname, relname
    )
    FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v')
      -- Of the guests' schemas only those that duebook has filled: others may bear these names.
      AND (nspname = current_schema() OR nspname IN ('analytics', 'borrower')
        AND obj_description(pg_class.oid, 'pg_class') LIKE '%[duebook %')
      AND pg_get_userbyid(relowner) = session_user
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    UNION ALL
    SELECT format('ALTER FUNCTION %s OWNER TO duebook_owner', pg_proc.oid::regprocedure)
    FROM pg_proc
    JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = current_schema() AND prokind = 'f'
      AND pg_get_userbyid(proowner) = session_user
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
  LOOP
    EXECUTE command;
  END LOOP;
END
$$
