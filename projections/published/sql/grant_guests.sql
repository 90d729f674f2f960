-- Guests read the views of their schema, and no table.
DO $$
BEGIN
  IF to_regrole('duebook_analyst') IS NOT NULL THEN
    GRANT SELECT ON analytics.accounts, analytics.schedule, analytics.overdue, analytics.episodes,
      analytics.portfolio TO duebook_analyst;
  END IF;
  IF to_regrole('duebook_borrower') IS NOT NULL THEN
    GRANT SELECT ON borrower.schedule, borrower.overdue, borrower.activity, borrower.episodes
      TO duebook_borrower;
  END IF;
END
$$
