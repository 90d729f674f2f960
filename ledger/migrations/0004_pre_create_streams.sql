-- The end of each stream, so that an append need not look for it among the events.
CREATE TABLE streams (
  shard integer NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (shard, stream_id)
) WITH (fillfactor = 70)
