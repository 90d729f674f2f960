-- What the generation that goes live could fold, and the one before it could not, is released.
INSERT INTO quarantine_history
SELECT
  before.shard, before.account_id, before.account_version, before.error, before.failed_topic,
  before.projector, before.tries, before.since, %(now)s
FROM all_quarantine AS before
WHERE before.generation = %(before)s AND NOT EXISTS (
  SELECT FROM all_quarantine AS after
  WHERE after.generation = %(generation)s AND after.shard = before.shard
    AND after.account_id = before.account_id
)
ON CONFLICT DO NOTHING
