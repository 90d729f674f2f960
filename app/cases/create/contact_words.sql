-- What borrowers said, one row a case: personal data, kept apart from events so that it can be
-- erased.  The row stays, for it says which account a case is about.
CREATE TABLE IF NOT EXISTS contact_words (
  case_id      text PRIMARY KEY COLLATE "C",
  account_id   text NOT NULL COLLATE "C",
  borrower_ref text COLLATE "C",
  -- NULL once it is erased.
  words        text,
  kept_at      timestamptz NOT NULL,
  erased_at    timestamptz,
  CHECK ((words IS NULL) = (erased_at IS NOT NULL))
)
