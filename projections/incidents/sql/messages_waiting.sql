-- How many messages wait for the receiver, and what came of the last try.
SELECT count(*), min(made_at), (array_agg(outcome ORDER BY number))[1]
FROM webhook_messages
WHERE delivered_at IS NULL
