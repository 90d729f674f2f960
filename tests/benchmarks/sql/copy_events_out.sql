-- The least that any rebuild does: read every event once.
COPY (SELECT * FROM events) TO STDOUT (FORMAT binary)
