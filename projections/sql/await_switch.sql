-- Wait for the turn to compare and switch.
SELECT pg_advisory_xact_lock(hashtext('duebook switch of generations'))
