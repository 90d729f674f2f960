-- Two workers that find the same at once open one incident: the second joins it.
CREATE UNIQUE INDEX IF NOT EXISTS one_open_a_cause ON incidents (cause) WHERE closed_at IS NULL
