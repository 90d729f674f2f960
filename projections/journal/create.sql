-- One row a posting; `entry` and `posting` number them within the account, in the order of time.
CREATE TABLE IF NOT EXISTS journal_v1 (
  generation      integer NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  as_of           date    NOT NULL,
  entry           integer NOT NULL,
  posting         integer NOT NULL,
  posted_on       date    NOT NULL,
  kind            text    NOT NULL,
  fact_id         text    NOT NULL,
  ledger_account  text    NOT NULL,
  amount          bigint  NOT NULL,
  currency        text    NOT NULL,
  draw_id         text,
  installment     integer,
  PRIMARY KEY (generation, shard, account_id, entry, posting)
)
