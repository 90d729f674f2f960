-- The receipt of an account gets lost.
DELETE FROM receipts WHERE account_id = %(account_id)s
