-- The first creator decides: a ledger that is there already stays as it is.
INSERT INTO ledger (ledger_id, shards, created_at)
VALUES (%(ledger_id)s, %(shards)s, %(created_at)s)
ON CONFLICT DO NOTHING
