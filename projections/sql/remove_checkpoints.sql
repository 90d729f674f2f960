-- From here on no projector gets a turn at this generation.
DELETE FROM all_checkpoints WHERE generation = %(generation)s
