-- After a view was remade every shard is followed again from its first event.
UPDATE checkpoints SET position = 0
