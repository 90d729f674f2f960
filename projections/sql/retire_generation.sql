-- Nobody reads this generation, or writes to it, any more.
UPDATE generations SET state = 'old' WHERE number = %(generation)s
