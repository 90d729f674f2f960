-- Which login of the database may see which account.  Only the owner writes here: whoever could
-- write could become another.  A login that is dropped leaves a line that nobody answers to, for
-- another of the same name is another role.
CREATE TABLE IF NOT EXISTS borrower_logins (
  login      regrole NOT NULL,
  shard      integer NOT NULL,
  account_id text    NOT NULL COLLATE "C",
  bound_at   timestamptz NOT NULL,
  PRIMARY KEY (login, account_id)
)
