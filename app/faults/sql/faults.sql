-- Everything that was injected, in order.
SELECT number, cause, account_id, how, look, kept, injected_at, mended_at
FROM faults
ORDER BY number
