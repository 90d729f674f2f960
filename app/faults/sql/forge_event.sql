-- Somebody with all rights moves the last event of an account to another day.
UPDATE events
SET effective_on = effective_on + 1
WHERE shard = %(shard)s AND stream_id = %(account_id)s AND version = %(version)s
