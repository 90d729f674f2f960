-- The quarantine of a generation that goes.
DELETE FROM all_quarantine WHERE generation = %(generation)s
