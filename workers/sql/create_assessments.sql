-- The accounts whose terms call for penalties: what was assessed of each, and when it is due next.
CREATE TABLE IF NOT EXISTS assessments (
  shard      integer NOT NULL,
  account_id text    NOT NULL COLLATE "C",
  -- The version up to which its facts, those of the assessor among them, were looked at.
  version    integer NOT NULL,
  -- The next day that may call for a penalty without any news; null is never.
  next_on    date,
  PRIMARY KEY (shard, account_id)
)
