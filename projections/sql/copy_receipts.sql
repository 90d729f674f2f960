-- The new receipts, in the transaction that writes the rows they vouch for.
COPY all_receipts (
  generation, shard, account_id, account_version, digest, projector, as_of, changes_on, contents,
  projected_at
) FROM STDIN
