-- The rows of an account were made by older code, as after an upgrade that was not finished.
UPDATE receipts SET projector = projector - 1 WHERE account_id = %(account_id)s
