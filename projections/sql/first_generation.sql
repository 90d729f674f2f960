-- A ledger without views gets an empty generation that is live: workers follow the log into it.
INSERT INTO generations (state, recipe, consent, live_since)
SELECT 'live', %(recipe)s, 'given', now()
WHERE NOT EXISTS (SELECT FROM generations)
RETURNING number
