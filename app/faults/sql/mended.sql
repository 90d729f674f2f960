-- What the outside world had to do for it is done.
UPDATE faults SET mended_at = %(now)s WHERE number = ANY(%(numbers)s)
