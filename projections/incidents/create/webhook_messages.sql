-- What is to be told to the receiver of the webhook: kept until he has said that he has it.
CREATE TABLE IF NOT EXISTS webhook_messages (
  number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident     bigint NOT NULL REFERENCES incidents,
  kind         text   NOT NULL,
  body         bytea  NOT NULL,
  made_at      timestamptz NOT NULL,
  tries        integer NOT NULL DEFAULT 0,
  next_try_at  timestamptz NOT NULL,
  delivered_at timestamptz,
  -- What came of the last try.
  outcome      text
)
