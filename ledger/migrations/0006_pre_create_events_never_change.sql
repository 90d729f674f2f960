-- For each statement, not each row: TRUNCATE knows no rows, and no change is too small to refuse.
CREATE TRIGGER events_never_change
  BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
