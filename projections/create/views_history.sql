-- Since when the history of the views is kept: of what was before it, nothing can be known.
CREATE TABLE IF NOT EXISTS views_history (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  begun_at    timestamptz NOT NULL
)
