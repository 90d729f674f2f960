-- The service makes and revokes keys and writes the access log; it can change neither what a key
-- may do nor what was logged.  With the secret of the door it seals.
DO $$
BEGIN
  REVOKE ALL ON api_keys, access_log, door_secret FROM duebook_service, duebook_reader;
  GRANT SELECT, INSERT ON api_keys, access_log TO duebook_service;
  GRANT UPDATE (revoked_at) ON api_keys TO duebook_service;
  GRANT SELECT ON door_secret TO duebook_service;
  GRANT SELECT ON access_log TO duebook_reader;
END
$$
