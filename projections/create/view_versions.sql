-- Which versions of which views have a table: overdue_v2 and the like.
CREATE TABLE IF NOT EXISTS view_versions (
  name    text NOT NULL,
  version integer NOT NULL,
  PRIMARY KEY (name, version)
)
