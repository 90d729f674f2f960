-- Before there were generations, tables had the names that now belong to the live one.  What they
-- hold is in the log.
DO $$
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = to_regclass('receipts')) = 'r' THEN
    DROP TABLE receipts, checkpoints, quarantine, view_versions, overdue, repayment_schedule;
  END IF;
END
$$
