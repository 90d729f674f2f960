-- Rebuilds that are owed: a row a shard, with the last account that is done.
CREATE TABLE IF NOT EXISTS rebuilds (
  shard integer PRIMARY KEY,
  after text NOT NULL DEFAULT '' COLLATE "C"
)
