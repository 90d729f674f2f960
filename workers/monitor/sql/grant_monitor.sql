-- The service looks, the reader sees how far it has come.
DO $$
BEGIN
  GRANT SELECT ON monitor_passes TO duebook_service, duebook_reader;
  GRANT INSERT, UPDATE, DELETE ON monitor_passes TO duebook_service;
END
$$
