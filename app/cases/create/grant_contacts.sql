-- The service keeps and erases what borrowers said, and changes nothing else of it.  The reader,
-- who may be an analyst, does not see it.
DO $$
BEGIN
  REVOKE ALL ON contact_words FROM duebook_service, duebook_reader;
  GRANT SELECT, INSERT ON contact_words TO duebook_service;
  GRANT UPDATE (words, erased_at) ON contact_words TO duebook_service;
END
$$
