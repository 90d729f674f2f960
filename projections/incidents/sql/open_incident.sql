-- Open an incident for a cause, unless one is open.
INSERT INTO incidents (cause, opened_at)
VALUES (%(cause)s, %(now)s)
ON CONFLICT (cause) WHERE closed_at IS NULL DO NOTHING
RETURNING number
