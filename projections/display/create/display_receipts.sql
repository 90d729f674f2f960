-- What was shown to whom, and from what: a row when a page changes, not one a look.  By month, so
-- that what is older than the retention goes as whole tables; nothing else can be taken away.
CREATE TABLE IF NOT EXISTS display_receipts (
  shown_at        timestamptz NOT NULL,
  shard           integer NOT NULL,
  account_id      text    NOT NULL COLLATE "C",
  view            text    NOT NULL,
  viewer          text    NOT NULL,
  role            text    NOT NULL,
  client          text    NOT NULL,
  client_class    text    NOT NULL,
  as_of           date    NOT NULL,
  account_version integer NOT NULL,
  stream_version  integer NOT NULL,
  policy_id       text,
  policy_version  integer NOT NULL,
  source          text    NOT NULL,
  cache           text    NOT NULL,
  -- The overdue draws of which less than all was shown, each with the rule.
  withheld        jsonb   NOT NULL,
  digest          text    NOT NULL,
  page            jsonb   NOT NULL
) PARTITION BY RANGE (shown_at)
