-- History is never edited; a mistake is corrected by a further event, which this message says.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: recorded events never change', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation',
          HINT = 'Append an event that corrects the mistake, such as a reversal or a waiver.';
END
$$
