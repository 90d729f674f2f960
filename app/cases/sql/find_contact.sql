-- What is kept of a case.
SELECT case_id, account_id, words, kept_at, erased_at
FROM contact_words
WHERE case_id = %(case_id)s
