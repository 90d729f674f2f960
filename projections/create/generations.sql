-- Complete builds of the views: one is live, one may be building beside it, old ones wait for their
-- removal.
CREATE TABLE IF NOT EXISTS generations (
  -- Never given twice: who waits for a generation that was given up must not take another for it.
  number      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state       text  NOT NULL CHECK (state IN ('building', 'live', 'old')),
  -- The code that makes its rows: the version of the fold and that of each view.
  recipe      jsonb NOT NULL,
  -- Whether it may go live: if nothing changes by it, whatever changes, or only by a command.
  consent     text  NOT NULL CHECK (consent IN ('if_equal', 'given', 'withheld')),
  begun_at    timestamptz NOT NULL DEFAULT now(),
  -- In what it differs from the live one of that time, once it was compared.
  report      jsonb,
  compared_at timestamptz,
  live_since  timestamptz
)
