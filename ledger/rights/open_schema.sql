-- The owner makes tables in the schema, the others find them there.  Where the login user may not
-- grant that, PostgreSQL warns, and an administrator has to.
DO $$
BEGIN
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO duebook_owner', current_schema());
  EXECUTE format(
    'GRANT USAGE ON SCHEMA %I TO duebook_service, duebook_reader', current_schema()
  );
EXCEPTION
  WHEN insufficient_privilege THEN
    NULL;
END
$$
