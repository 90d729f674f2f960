-- Keep what a heal is about to replace: without it, nobody could say later what stood there.
INSERT INTO heals (
  shard, account_id, healed_at, was_drifted, account_version, projector, as_of, changes_on,
  projected_at
)
SELECT
  %(shard)s, healed, %(now)s, healed = ANY(%(drifted)s), account_version, projector, as_of,
  changes_on, projected_at
FROM unnest(%(account_ids)s::text[]) AS healed
LEFT JOIN all_receipts
  ON generation = %(generation)s AND shard = %(shard)s AND account_id = healed
ON CONFLICT DO NOTHING
