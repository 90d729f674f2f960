-- Shards whose projector is held: as if each worker died at its first event.
CREATE TABLE IF NOT EXISTS held_shards (shard integer PRIMARY KEY)
