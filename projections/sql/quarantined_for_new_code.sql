-- Accounts that this version of the code has not tried yet, in the generations that it projects.
SELECT DISTINCT account_id
FROM all_quarantine
JOIN generations ON number = generation
WHERE state <> 'old' AND recipe = %(recipe)s AND NOT tried_by @> ARRAY[%(code)s]
ORDER BY account_id
