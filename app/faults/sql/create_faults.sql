-- The faults that were injected, so that they can be asked about and what no remedy can be mended.
CREATE TABLE IF NOT EXISTS faults (
  number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause       text NOT NULL,
  account_id  text NOT NULL COLLATE "C",
  how         text NOT NULL,
  -- How to ask about it: the instant, the viewer, the client.
  look        jsonb NOT NULL,
  -- What the outside world keeps of it: facts that were held back, a backup of what was changed.
  kept        jsonb NOT NULL,
  injected_at timestamptz NOT NULL,
  mended_at   timestamptz
)
