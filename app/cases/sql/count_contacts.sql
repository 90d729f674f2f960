-- How many cases there are of a borrower, or by a case id.
SELECT count(*) FROM contact_words WHERE case_id = %(name)s OR borrower_ref = %(name)s
