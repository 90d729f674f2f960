-- Which version of each view the tables hold, so that a changed view is made anew and rebuilt.
CREATE TABLE IF NOT EXISTS view_versions (
  name    text PRIMARY KEY,
  version integer NOT NULL
)
