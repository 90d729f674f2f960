-- Somebody with all rights takes the last event of an account out of the log.
DELETE FROM events
WHERE shard = %(shard)s AND stream_id = %(account_id)s AND version = %(version)s
