-- Whoever holds a head for ever must not hold up this transaction for ever too.
SELECT set_config('lock_timeout', %(milliseconds)s::text, true)
