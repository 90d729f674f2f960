-- The versions of views that have a table.
SELECT name, version
FROM view_versions
WHERE to_regclass(quote_ident(name || '_v' || version)) IS NOT NULL
ORDER BY name, version
