-- The service assesses, the reader sees how far it has come.
DO $$
BEGIN
  GRANT SELECT ON assessments, assessment_progress TO duebook_service, duebook_reader;
  GRANT INSERT, UPDATE, DELETE ON assessments, assessment_progress TO duebook_service;
END
$$
