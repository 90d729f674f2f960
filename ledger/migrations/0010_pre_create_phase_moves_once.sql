-- Only an open ledger is held: opening is the one change that the row is made for.
CREATE TRIGGER phase_moves_once
  BEFORE UPDATE OR DELETE ON ledger
  FOR EACH ROW WHEN (OLD.phase = 'open') EXECUTE FUNCTION refuse_reopening()
