-- Everybody is clean.
UPDATE incidents SET closed_at = %(now)s WHERE number = %(number)s
