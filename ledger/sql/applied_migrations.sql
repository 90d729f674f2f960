-- The migrations that this database has.
SELECT name FROM duebook_migrations ORDER BY name
