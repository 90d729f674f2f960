-- Ends the loading phase for good; no row comes back when that was done before.
UPDATE ledger SET phase = 'open', opened_at = %(opened_at)s WHERE phase = 'loading'
RETURNING phase
