-- A step of the history of an incident.
INSERT INTO incident_steps (incident, at, step, data)
VALUES (%(number)s, %(now)s, %(step)s, %(data)s)
