-- They are clean, and this is what shows it.
UPDATE incident_members
SET cleared_at = %(now)s, proof = proofs.proof
FROM unnest(%(shards)s::integer[], %(account_ids)s::text[], %(proofs)s::jsonb[])
  AS proofs (shard, account_id, proof)
WHERE number = %(number)s AND cleared_at IS NULL
  AND incident_members.shard = proofs.shard AND incident_members.account_id = proofs.account_id
RETURNING incident_members.account_id
