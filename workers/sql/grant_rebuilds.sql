-- The service owes rebuilds and does them, the reader sees how far they have come.
DO $$
BEGIN
  GRANT SELECT ON rebuilds TO duebook_service, duebook_reader;
  GRANT INSERT, UPDATE, DELETE ON rebuilds TO duebook_service;
END
$$
