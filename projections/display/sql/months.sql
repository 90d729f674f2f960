-- The tables of the months, in their order.
SELECT pg_class.relname
FROM pg_inherits
JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
WHERE pg_inherits.inhparent = 'display_receipts'::regclass
ORDER BY pg_class.relname
