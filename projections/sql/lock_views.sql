-- One process at a time makes or remakes the tables of the views.
SELECT pg_advisory_xact_lock(hashtext('duebook views'))
