-- One row a movement: what came in, what is owed more or less for it, and the balance after it.
CREATE TABLE IF NOT EXISTS activity_v1 (
  generation      integer NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  as_of           date    NOT NULL,
  number          integer NOT NULL,
  moved_on        date    NOT NULL,
  kind            text    NOT NULL,
  fact_id         text    NOT NULL,
  currency        text    NOT NULL,
  money           bigint  NOT NULL,
  penalty         bigint  NOT NULL,
  fee             bigint  NOT NULL,
  interest        bigint  NOT NULL,
  principal       bigint  NOT NULL,
  outstanding     bigint  NOT NULL,
  credit_balance  bigint  NOT NULL,
  PRIMARY KEY (generation, shard, account_id, number)
)
