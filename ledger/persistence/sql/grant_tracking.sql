-- The service moves positions; what else is made here belongs to a projection, which keeps it.
DO $$
BEGIN
  GRANT SELECT ON tracking TO duebook_service, duebook_reader;
  GRANT INSERT, UPDATE ON tracking TO duebook_service;
  EXECUTE format(
    'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES'
    ' TO duebook_service, duebook_reader', current_schema()
  );
  EXECUTE format(
    'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT INSERT, UPDATE, DELETE ON TABLES'
    ' TO duebook_service', current_schema()
  );
END
$$
