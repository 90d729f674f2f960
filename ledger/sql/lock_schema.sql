-- Two processes may create or upgrade at once: the second waits here, then finds the work done.
SELECT pg_advisory_xact_lock(hashtext('duebook schema'))
