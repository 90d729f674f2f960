-- The views that the database holds.
SELECT name, version FROM view_versions
