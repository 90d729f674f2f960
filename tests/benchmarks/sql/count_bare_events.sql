-- How many rows the yardstick has written.
SELECT count(*) FROM bare_events
