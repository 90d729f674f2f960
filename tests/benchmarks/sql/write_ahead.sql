-- Log that means nothing, as much as the server keeps to use again, 16 MB a message.
SELECT count(pg_logical_emit_message(false, 'duebook', repeat('x', 16 * 1024 * 1024)))
FROM generate_series(1, pg_size_bytes(current_setting('min_wal_size')) / (16 * 1024 * 1024))
