-- Look at everything once more, whatever was looked at today.
UPDATE monitor_passes SET day = NULL, after = '', finished_at = NULL, next_at = NULL
