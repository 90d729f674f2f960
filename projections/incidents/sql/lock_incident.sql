-- An incident, held until the commit: nobody joins it meanwhile.
SELECT cause FROM incidents WHERE number = %(number)s AND closed_at IS NULL FOR UPDATE
