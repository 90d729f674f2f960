-- From here on this connection hears of every row that is written.
LISTEN bare_events
