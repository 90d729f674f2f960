-- One process at a time heals what incidents are about; the others need not.
SELECT pg_try_advisory_xact_lock(hashtext('duebook incidents'))
