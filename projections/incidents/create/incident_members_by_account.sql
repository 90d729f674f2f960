-- Finds the incidents of an account, as the diagnosis of a past instant asks for them.
CREATE INDEX IF NOT EXISTS incident_members_by_account ON incident_members (shard, account_id)
