-- The quarantine of the live generation.
CREATE OR REPLACE VIEW quarantine AS
SELECT
  shard, account_id, account_version, error, failed_topic, failed_version, failed_position,
  projector, tried_by, since, tries, tried_at
FROM all_quarantine
WHERE generation = (SELECT number FROM generations WHERE state = 'live')
