-- For analysts: every account, also one that has no rows yet, and how far its rows can be trusted.
CREATE VIEW analytics.accounts AS
SELECT
  standing.account_id, standing.recorded_version, standing.shown_version,
  standing.as_of, standing.changes_on, standing.projected_at, standing.is_behind,
  quarantine.account_id IS NOT NULL AS is_quarantined
FROM standing
LEFT JOIN quarantine
  ON quarantine.shard = standing.shard AND quarantine.account_id = standing.account_id
