-- Accounts that an older projector could not fold: new code tries them again.
SELECT shard, account_id FROM quarantine WHERE projector < %(projector)s ORDER BY shard, account_id
