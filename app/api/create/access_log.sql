-- Refused accesses and acts of operators.  Not the log of facts: a stranger can make rows here, and
-- what a stranger can make grow must be possible to cut back.
CREATE TABLE IF NOT EXISTS access_log (
  number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL,
  act         text NOT NULL,
  caller      text,
  role        text,
  method      text NOT NULL,
  path        text NOT NULL,
  account_id  text COLLATE "C",
  outcome     text NOT NULL,
  request_id  text NOT NULL
)
