-- A generation that is gone owes nothing.
DELETE FROM rebuilds WHERE generation = %(generation)s
