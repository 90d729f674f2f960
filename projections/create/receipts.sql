-- The receipts of the live generation.
CREATE OR REPLACE VIEW receipts AS
SELECT
  shard, account_id, account_version, digest, projector, as_of, changes_on, contents, projected_at
FROM all_receipts
WHERE generation = (SELECT number FROM generations WHERE state = 'live')
