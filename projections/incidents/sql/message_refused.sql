-- The receiver does not have it: it is sent again later, the longer the oftener it was tried.
UPDATE webhook_messages
SET tries = tries + 1, outcome = %(outcome)s,
  next_try_at = %(now)s
    + least(interval '2 seconds' * power(2, least(tries, 12)), interval '1 hour')
WHERE number = %(number)s
