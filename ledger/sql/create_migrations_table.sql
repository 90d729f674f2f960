-- Which migrations this database has, so that each runs once and a newer schema is recognised.
CREATE TABLE IF NOT EXISTS duebook_migrations (
  name text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
)
