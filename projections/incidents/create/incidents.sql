-- What was found wrong, one row a cause and a time: open until every account of it is clean again.
CREATE TABLE IF NOT EXISTS incidents (
  number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause     text NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz
)
