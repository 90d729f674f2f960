-- One row a draw, also when nothing is overdue, so that a missing row is never taken for good news.
CREATE TABLE IF NOT EXISTS overdue_v2 (
  generation        integer NOT NULL,
  shard             integer NOT NULL,
  account_id        text    NOT NULL COLLATE "C",
  account_version   integer NOT NULL,
  as_of             date    NOT NULL,
  draw_id           text    NOT NULL COLLATE "C",
  currency          text    NOT NULL,
  status            text    NOT NULL,
  days_late         integer NOT NULL,
  days_past_due     integer NOT NULL,
  bucket            text,
  -- What is unpaid by bucket, every installment by its own days: a JSON object, in minor units.
  ageing            text,
  late_since        date,
  overdue_since     date,
  late_total        bigint  NOT NULL,
  overdue_penalty   bigint  NOT NULL,
  overdue_fee       bigint  NOT NULL,
  overdue_interest  bigint  NOT NULL,
  overdue_principal bigint  NOT NULL,
  overdue_total     bigint  NOT NULL,
  outstanding_total bigint  NOT NULL,
  next_due_on       date,
  credit_balance    bigint  NOT NULL,
  risk_class        text    NOT NULL,
  PRIMARY KEY (generation, shard, account_id, draw_id)
)
