-- The receiver has it.
UPDATE webhook_messages
SET delivered_at = %(now)s, tries = tries + 1, outcome = %(outcome)s
WHERE number = %(number)s
