-- Who may come in with a key.  Only a digest of each is kept; a revoked one stays, so that the
-- access log can be read in years.
CREATE TABLE IF NOT EXISTS api_keys (
  key_id     text PRIMARY KEY COLLATE "C",
  name       text NOT NULL,
  role       text NOT NULL,
  account_id text COLLATE "C",
  digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  CHECK ((role = 'borrower') = (account_id IS NOT NULL))
)
