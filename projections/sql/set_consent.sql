-- Whether a generation may go live by itself once it is built.
UPDATE generations SET consent = %(consent)s WHERE number = %(generation)s
