-- What a heal found and replaced: the receipt that stood there, and whether its rows were wrong.
CREATE TABLE IF NOT EXISTS heals (
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  healed_at       timestamptz NOT NULL,
  -- Whether the rows that were found are not the ones that their receipt vouched for.
  was_drifted     boolean NOT NULL,
  -- What the rows were made from until then; NULL where the account had no receipt.
  account_version integer,
  projector       integer,
  as_of           date,
  changes_on      date,
  projected_at    timestamptz,
  PRIMARY KEY (shard, account_id, healed_at)
)
