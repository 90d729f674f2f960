-- A message for the receiver of the webhook, in the transaction of what it tells.
INSERT INTO webhook_messages (incident, kind, body, made_at, next_try_at)
VALUES (%(number)s, %(kind)s, %(body)s, %(now)s, %(now)s)
