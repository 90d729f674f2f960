"""The log: append-only, sharded, in PostgreSQL.  `log` holds it, `records` what goes in and out.

`planning` decides without a database what an append writes; `log` reads and writes around it.
"""
