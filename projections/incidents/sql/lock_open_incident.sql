-- The open incident of a cause, held until the commit: it is not closed meanwhile.
SELECT number FROM incidents WHERE cause = %(cause)s AND closed_at IS NULL FOR UPDATE
