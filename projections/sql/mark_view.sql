-- Remember which version of a view the tables hold now.
INSERT INTO view_versions (name, version) VALUES (%(name)s, %(version)s)
ON CONFLICT (name) DO UPDATE SET version = excluded.version
