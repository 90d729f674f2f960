-- Accounts that could be folded again leave the quarantine; that they were in it is kept.
WITH released AS (
  DELETE FROM all_quarantine
  WHERE generation = %(generation)s AND shard = %(shard)s AND account_id = ANY(%(account_ids)s)
  RETURNING *
)
INSERT INTO quarantine_history
SELECT
  shard, account_id, account_version, error, failed_topic, released.projector, tries, since,
  %(now)s
FROM released
JOIN generations ON number = generation AND state = 'live'
ON CONFLICT DO NOTHING
