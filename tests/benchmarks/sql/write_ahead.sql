-- Log that means nothing, as much as a file of it holds.
SELECT pg_logical_emit_message(false, 'duebook', repeat('x', 16 * 1024 * 1024))
