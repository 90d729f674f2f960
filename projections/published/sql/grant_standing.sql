-- Those who read the log may ask how the rows stand.  Which login is which borrower is the owner's
-- affair alone.
DO $$
BEGIN
  REVOKE ALL ON business_date, standing, own_accounts, borrower_logins
    FROM duebook_service, duebook_reader;
  GRANT SELECT ON business_date, standing TO duebook_service, duebook_reader;
END
$$
