-- What a service without an event log would do for each fact.
INSERT INTO bare_events VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b, %b)
