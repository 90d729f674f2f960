-- From the commit on readers see this generation.
UPDATE generations SET state = 'live', live_since = %(now)s WHERE number = %(generation)s
