-- The page that was shown last to each viewer, on each of his clients: what tells a change.
CREATE TABLE IF NOT EXISTS display_last (
  shard        integer NOT NULL,
  account_id   text    NOT NULL COLLATE "C",
  view         text    NOT NULL,
  viewer       text    NOT NULL,
  client       text    NOT NULL,
  digest       text    NOT NULL,
  shown_at     timestamptz NOT NULL,
  PRIMARY KEY (shard, account_id, view, viewer, client)
)
