-- Whether all tables of an application were made: this one is the last.
SELECT to_regclass('tracking') IS NOT NULL
