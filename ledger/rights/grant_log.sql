-- Who may do what with the log.  All is taken back first, so that nothing that an older version
-- granted stays.  The service can add events and move ends; it can neither change nor take away.
DO $$
BEGIN
  REVOKE ALL ON ledger, events, heads, streams, duebook_migrations, events_readable
    FROM duebook_service, duebook_reader;
  GRANT SELECT ON ledger, events, heads, streams, duebook_migrations, events_readable
    TO duebook_service, duebook_reader;
  GRANT INSERT ON events, streams TO duebook_service;
  GRANT UPDATE (version, digest) ON streams TO duebook_service;
  GRANT UPDATE (position, recorded_at) ON heads TO duebook_service;
  -- The phase ends by a fact, and facts are the service's; a trigger keeps it from beginning anew.
  GRANT UPDATE (phase, opened_at) ON ledger TO duebook_service;
END
$$
