-- One row an installment as the receipt of its account says it stood; amounts in minor units.
CREATE TABLE IF NOT EXISTS repayment_schedule_v1 (
  generation      integer NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  account_version integer NOT NULL,
  as_of           date    NOT NULL,
  draw_id         text    NOT NULL COLLATE "C",
  number          integer NOT NULL,
  due_on          date    NOT NULL,
  penalty         bigint  NOT NULL,
  fee             bigint  NOT NULL,
  interest        bigint  NOT NULL,
  principal       bigint  NOT NULL,
  paid            bigint  NOT NULL,
  waived          bigint  NOT NULL,
  outstanding     bigint  NOT NULL,
  status          text    NOT NULL,
  days_late       integer NOT NULL,
  settled_on      date,
  balance         bigint  NOT NULL,
  PRIMARY KEY (generation, shard, account_id, draw_id, number)
)
