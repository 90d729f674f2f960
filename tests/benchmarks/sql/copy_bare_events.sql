-- The fastest way in that there is, in the format that the log uses too.
COPY bare_events FROM STDIN (FORMAT binary)
