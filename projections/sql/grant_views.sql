-- The service keeps what the log can make again, the reader sees it; which views there are is the
-- owner's.  Run after every making of views: a table that is made anew has no grants.
DO $$
DECLARE
  relation text;
BEGIN
  GRANT SELECT ON view_versions TO duebook_service, duebook_reader;
  -- The past of the views is added to, and not changed.
  GRANT SELECT ON
    views_history, projection_delays, quarantine_history, heals, removed_generations
  TO duebook_service, duebook_reader;
  GRANT INSERT ON projection_delays, quarantine_history, heals, removed_generations
  TO duebook_service;
  FOR relation IN
    SELECT unnest(ARRAY[
      'generations', 'all_checkpoints', 'all_receipts', 'all_quarantine', 'day_rolls',
      'checkpoints', 'receipts', 'quarantine'
    ])
    UNION SELECT format('%s_v%s', name, version) FROM view_versions
    UNION SELECT name FROM view_versions WHERE to_regclass(quote_ident(name)) IS NOT NULL
  LOOP
    EXECUTE format('GRANT SELECT ON %I TO duebook_service, duebook_reader', relation);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO duebook_service', relation);
  END LOOP;
END
$$
