-- A new generation, beside the live one.
INSERT INTO generations (state, recipe, consent)
VALUES ('building', %(recipe)s, %(consent)s)
RETURNING number
