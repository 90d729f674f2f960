-- Somebody with all rights writes other content into the last event of an account.
UPDATE events
SET state = convert_to(replace(convert_from(state, 'UTF8'), '0', '1'), 'UTF8')
WHERE shard = %(shard)s AND stream_id = %(account_id)s AND version = %(version)s
