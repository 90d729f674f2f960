-- Whether a message waits whose time has come.
SELECT EXISTS (
  SELECT FROM webhook_messages WHERE delivered_at IS NULL AND next_try_at <= %(now)s
)
