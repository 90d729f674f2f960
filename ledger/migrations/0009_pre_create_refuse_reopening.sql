-- The phase moves once: nobody can bring recorded times in again after the ledger was opened.
CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on the open ledger is refused: loading has ended for good', TG_OP
    USING ERRCODE = 'restrict_violation',
          HINT = 'Append without recorded times, or load the history into a new ledger.';
END
$$
