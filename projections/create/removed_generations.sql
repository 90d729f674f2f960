-- Generations that were removed: which of them was live at an instant, and which code made it.
CREATE TABLE IF NOT EXISTS removed_generations (
  number     integer PRIMARY KEY,
  recipe     jsonb NOT NULL,
  begun_at   timestamptz NOT NULL,
  live_since timestamptz
)
