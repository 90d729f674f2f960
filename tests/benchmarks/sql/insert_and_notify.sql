-- What a service would do that tells others of each row it writes.
WITH written AS (
  INSERT INTO bare_events VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b, %b) RETURNING position
)
SELECT pg_notify('bare_events', position::text) FROM written
