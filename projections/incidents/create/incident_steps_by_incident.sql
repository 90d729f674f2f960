-- Finds the history of one incident.
CREATE INDEX IF NOT EXISTS incident_steps_by_incident ON incident_steps (incident, number)
