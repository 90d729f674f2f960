-- The views of guests that there are, with what their comments say.
SELECT nspname || '.' || relname, obj_description(pg_class.oid, 'pg_class')
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind NOT IN ('i', 't', 'c', 'I')
  AND nspname || '.' || relname = ANY(%(names)s)
