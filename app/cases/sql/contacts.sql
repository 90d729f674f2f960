-- The cases of an account, or of all; the newest first.
SELECT case_id, account_id, words, kept_at, erased_at
FROM contact_words
WHERE (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
  AND (%(before)s::text IS NULL OR (kept_at, case_id) < (
    SELECT kept_at, case_id FROM contact_words WHERE case_id = %(before)s
  ))
ORDER BY kept_at DESC, case_id DESC
LIMIT %(limit)s
