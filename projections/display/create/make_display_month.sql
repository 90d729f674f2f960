-- Makes the table of a month, in UTC.  It runs as the owner, so that the service, which may make no
-- tables, never stands before a month without one.
CREATE OR REPLACE FUNCTION make_display_month(at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  first timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('duebook display month'));
  EXECUTE format(
    'CREATE TABLE IF NOT EXISTS %I PARTITION OF display_receipts FOR VALUES FROM (%L) TO (%L)',
    'display_receipts_' || to_char(first, 'YYYY_MM'),
    first AT TIME ZONE 'UTC',
    (first + interval '1 month') AT TIME ZONE 'UTC'
  );
END
$$
