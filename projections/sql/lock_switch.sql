-- One process at a time compares and switches; the others need not.
SELECT pg_try_advisory_xact_lock(hashtext('duebook switch of generations'))
