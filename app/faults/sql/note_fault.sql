-- Keep what was injected.
INSERT INTO faults (cause, account_id, how, look, kept, injected_at)
VALUES (%(cause)s, %(account_id)s, %(how)s, %(look)s, %(kept)s, %(now)s)
RETURNING number
