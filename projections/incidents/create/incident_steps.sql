-- The history of every incident.  It can be added to, and by nobody changed.
CREATE TABLE IF NOT EXISTS incident_steps (
  number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident bigint NOT NULL REFERENCES incidents,
  at       timestamptz NOT NULL,
  step     text NOT NULL,
  data     jsonb NOT NULL
)
