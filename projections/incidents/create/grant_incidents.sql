-- The service opens, heals and closes; it cannot change what was done.  The reader sees it.
DO $$
BEGIN
  REVOKE ALL ON incidents, incident_members, incident_steps, webhook_messages
    FROM duebook_service, duebook_reader;
  GRANT SELECT ON incidents, incident_members, incident_steps, webhook_messages
    TO duebook_service, duebook_reader;
  GRANT INSERT ON incidents, incident_members, incident_steps, webhook_messages
    TO duebook_service;
  GRANT UPDATE (closed_at) ON incidents TO duebook_service;
  GRANT UPDATE (joined_at, evidence, tries, next_try_at, cleared_at, proof) ON incident_members
    TO duebook_service;
  GRANT UPDATE (tries, next_try_at, delivered_at, outcome) ON webhook_messages TO duebook_service;
END
$$
