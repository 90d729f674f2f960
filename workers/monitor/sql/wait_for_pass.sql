-- Wait until nobody else is at the pass of a shard, and take the turn.
SELECT FROM monitor_passes WHERE shard = %(shard)s FOR UPDATE
