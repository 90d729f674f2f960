-- The next entries of the access log.
SELECT number, at, act, caller, role, method, path, account_id, outcome, request_id
FROM access_log
WHERE number > %(after)s
ORDER BY number
LIMIT %(limit)s
