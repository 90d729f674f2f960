-- The event as the backup has it.
UPDATE events
SET effective_on = %(effective_on)s
WHERE shard = %(shard)s AND stream_id = %(account_id)s AND version = %(version)s
