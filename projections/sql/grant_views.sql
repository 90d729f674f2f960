-- The service keeps what the log can make again, the reader sees it; which views there are is the
-- owner's.  Run after every making of views: a table that is made anew has no grants.
DO $$
DECLARE
  view_name text;
BEGIN
  GRANT SELECT ON view_versions, checkpoints, receipts, quarantine, day_rolls
    TO duebook_service, duebook_reader;
  GRANT INSERT, UPDATE, DELETE ON checkpoints, receipts, quarantine, day_rolls TO duebook_service;
  FOR view_name IN
    SELECT name FROM view_versions WHERE to_regclass(quote_ident(name)) IS NOT NULL
  LOOP
    EXECUTE format('GRANT SELECT ON %I TO duebook_service, duebook_reader', view_name);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO duebook_service', view_name);
  END LOOP;
END
$$
