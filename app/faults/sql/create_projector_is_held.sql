-- Only ledgers that are made for drills have it.
CREATE OR REPLACE TRIGGER projector_is_held
  BEFORE UPDATE OF position ON all_checkpoints
  FOR EACH ROW WHEN (NEW.position > OLD.position) EXECUTE FUNCTION hold_projector()
