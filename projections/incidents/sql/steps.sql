-- What was done about an incident, in order.
SELECT at, step, data FROM incident_steps WHERE incident = %(number)s ORDER BY number
