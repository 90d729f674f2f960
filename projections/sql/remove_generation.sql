-- Last of all: a removal that was interrupted is found again by this row.
DELETE FROM generations WHERE number = %(generation)s
