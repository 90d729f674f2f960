-- Generations that were removed: which of them was live at an instant, and by which code it was made.
CREATE TABLE IF NOT EXISTS removed_generations (
  number     integer PRIMARY KEY,
  recipe     jsonb NOT NULL,
  begun_at   timestamptz NOT NULL,
  live_since timestamptz
)
