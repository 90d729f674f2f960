-- The service adds receipts and can neither change nor take away one; the reader reads them.
DO $$
BEGIN
  REVOKE ALL ON display_receipts, display_last FROM duebook_service, duebook_reader;
  GRANT SELECT, INSERT ON display_receipts, display_last TO duebook_service;
  GRANT UPDATE (digest, shown_at) ON display_last TO duebook_service;
  GRANT SELECT ON display_receipts, display_last TO duebook_reader;
  REVOKE ALL ON FUNCTION make_display_month(timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION make_display_month(timestamptz) TO duebook_service;
END
$$
