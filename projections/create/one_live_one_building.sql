-- Never two that are live, nor two that are building.
CREATE UNIQUE INDEX IF NOT EXISTS one_live_one_building ON generations (state)
WHERE state <> 'old'
