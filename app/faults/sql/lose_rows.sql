-- The rows of an account get lost behind the projector's back.
DELETE FROM overdue WHERE account_id = %(account_id)s
