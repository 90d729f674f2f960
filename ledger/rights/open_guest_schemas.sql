-- The schemas in which guests find their views.  Where the login user may not make one, everything
-- else goes on, and an administrator has to.
DO $$
DECLARE
  guest record;
BEGIN
  FOR guest IN
    SELECT * FROM (VALUES
      ('analytics', 'duebook_analyst'), ('borrower', 'duebook_borrower')
    ) AS known (schema_name, role_name)
  LOOP
    BEGIN
      IF to_regnamespace(guest.schema_name) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', guest.schema_name);
      END IF;
      IF to_regrole('duebook_owner') IS NOT NULL THEN
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO duebook_owner', guest.schema_name);
      END IF;
      IF to_regrole(guest.role_name) IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', guest.schema_name, guest.role_name);
      END IF;
    EXCEPTION
      WHEN insufficient_privilege OR duplicate_schema OR unique_violation THEN
        NULL;
    END;
  END LOOP;
END
$$
