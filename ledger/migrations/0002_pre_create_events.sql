-- The facts.  Names compare by bytes ("C"), so an upgraded collation library cannot break an index.
CREATE TABLE events (
  shard integer NOT NULL,
  position bigint NOT NULL CHECK (position > 0),
  stream_id text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  topic text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  recorded_at timestamptz NOT NULL,
  key text COLLATE "C" NOT NULL,
  state bytea NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (shard, position),
  UNIQUE (shard, stream_id, version),
  UNIQUE (shard, stream_id, key)
)
