-- What kind of ledger this is.
SELECT ledger_id, shards, phase, created_at, opened_at, drills FROM ledger
