-- One row a period of being overdue; it ended on the first day that was not overdue, or is open.
CREATE TABLE IF NOT EXISTS episodes_v1 (
  generation          integer NOT NULL,
  shard               integer NOT NULL,
  account_id          text    NOT NULL COLLATE "C",
  account_version     integer NOT NULL,
  as_of               date    NOT NULL,
  draw_id             text    NOT NULL COLLATE "C",
  number              integer NOT NULL,
  began_on            date    NOT NULL,
  ended_on            date,
  due_on              date    NOT NULL,
  worst_days_past_due integer NOT NULL,
  worst_overdue_total bigint  NOT NULL,
  currency            text    NOT NULL,
  PRIMARY KEY (generation, shard, account_id, draw_id, number)
)
