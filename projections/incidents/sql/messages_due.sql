-- The first message that waits of each incident, if its time has come and nobody is at it.
SELECT number, kind, body, tries
FROM webhook_messages
WHERE delivered_at IS NULL AND next_try_at <= %(now)s
  AND NOT EXISTS (
    SELECT FROM webhook_messages AS earlier
    WHERE earlier.incident = webhook_messages.incident AND earlier.delivered_at IS NULL
      AND earlier.number < webhook_messages.number
  )
ORDER BY number
LIMIT 1
FOR UPDATE SKIP LOCKED
