-- Keep what a borrower said, unless the case is known.
INSERT INTO contact_words (case_id, account_id, borrower_ref, words, kept_at)
VALUES (%(case_id)s, %(account_id)s, %(borrower_ref)s, %(words)s, %(now)s)
ON CONFLICT (case_id) DO NOTHING
