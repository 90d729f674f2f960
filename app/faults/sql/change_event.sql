-- Somebody with all rights writes other figures into the last event of an account.
UPDATE events
SET state = convert_to(
  translate(convert_from(state, 'UTF8'), '123456789', '234567891') || ' ', 'UTF8'
)
WHERE shard = %(shard)s AND stream_id = %(account_id)s AND version = %(version)s
