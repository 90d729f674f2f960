-- Makes the roles that are missing, and the login user a member of them, where it may.
-- Roles belong to the whole server: another database may be making the same ones at this moment.
DO $$
DECLARE
  -- Since version 16 a member of a role need not be one who can take it.
  taking text := CASE WHEN current_setting('server_version_num')::integer < 160000
    THEN 'MEMBER' ELSE 'SET' END;
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'duebook_owner', 'duebook_service', 'duebook_reader', 'duebook_analyst', 'duebook_borrower'
  ] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      END IF;
      -- The last two are for the logins of others: nobody of ours need take them.
      IF role_name NOT IN ('duebook_analyst', 'duebook_borrower')
        AND NOT pg_has_role(role_name, taking)
      THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN
        NULL;  -- Another one was quicker.
      WHEN insufficient_privilege OR undefined_object THEN
        NULL;  -- An administrator has to do it.
    END;
  END LOOP;
  BEGIN
    -- Who holds the head of a shard since when: without this the answer has no time.
    IF NOT pg_has_role('duebook_reader', 'pg_read_all_stats', 'MEMBER') THEN
      GRANT pg_read_all_stats TO duebook_reader;
    END IF;
  EXCEPTION
    WHEN unique_violation OR insufficient_privilege OR undefined_object THEN
      NULL;
  END;
END
$$
