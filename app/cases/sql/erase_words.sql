-- Erase what a borrower said, in one case or in all of his.
UPDATE contact_words
SET words = NULL, erased_at = %(now)s
WHERE (case_id = %(name)s OR borrower_ref = %(name)s) AND words IS NOT NULL
