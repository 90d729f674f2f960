-- Last of all: a removal that was interrupted is found again by this row.  It is kept beside.
WITH removed AS (
  DELETE FROM generations WHERE number = %(generation)s
  RETURNING number, recipe, begun_at, live_since
)
INSERT INTO removed_generations SELECT * FROM removed ON CONFLICT DO NOTHING
