-- How many events a ledger holds.
SELECT count(*) FROM events
