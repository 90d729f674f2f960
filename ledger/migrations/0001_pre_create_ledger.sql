-- What kind of ledger this database holds: one row, made once, of which only the phase moves.
CREATE TABLE ledger (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  ledger_id uuid NOT NULL,
  shards integer NOT NULL CHECK (shards > 0),
  phase text NOT NULL DEFAULT 'loading' CHECK (phase IN ('loading', 'open')),
  created_at timestamptz NOT NULL,
  opened_at timestamptz,
  CHECK ((phase = 'open') = (opened_at IS NOT NULL))
)
