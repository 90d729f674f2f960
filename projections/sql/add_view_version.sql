-- Remember that this version of the view has a table.
INSERT INTO view_versions (name, version) VALUES (%(name)s, %(version)s)
ON CONFLICT DO NOTHING
RETURNING name
