-- The first creator decides: a ledger that is there already stays as it is.
INSERT INTO ledger (ledger_id, shards, created_at, drills)
VALUES (%(ledger_id)s, %(shards)s, %(created_at)s, %(drills)s)
ON CONFLICT DO NOTHING
