-- Those that are not in it, or were well again; the others are there already.
INSERT INTO incident_members (number, shard, account_id, joined_at, evidence, next_try_at)
SELECT %(number)s, shard, account_id, %(now)s, evidence, %(now)s
FROM unnest(%(shards)s::integer[], %(account_ids)s::text[], %(evidence)s::jsonb[])
  AS suspects (shard, account_id, evidence)
ON CONFLICT (number, shard, account_id) DO UPDATE
SET joined_at = excluded.joined_at, evidence = excluded.evidence,
  tries = 0, next_try_at = excluded.next_try_at, cleared_at = NULL, proof = NULL
WHERE incident_members.cleared_at IS NOT NULL
RETURNING shard, account_id
