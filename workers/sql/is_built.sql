-- Whether every shard of a generation is built.
SELECT bool_and(is_built) FROM all_checkpoints WHERE generation = %(generation)s
