-- What the comparison of a generation with the live one has found.  One that was to go live if
-- nothing changes by it waits for a command if something does.
UPDATE generations
SET
  report = %(report)s,
  compared_at = now(),
  consent = CASE
    WHEN consent = 'if_equal' AND NOT %(is_equal)s THEN 'withheld'
    ELSE consent
  END
WHERE number = %(generation)s
