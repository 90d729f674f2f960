-- The login sees no account any more; a line whose login was dropped has its number for a name.
DELETE FROM borrower_logins WHERE login::text IN (%(login)s, quote_ident(%(login)s))
