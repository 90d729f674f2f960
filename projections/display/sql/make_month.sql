-- The month of this instant has a table from now on.
SELECT make_display_month(%(at)s)
