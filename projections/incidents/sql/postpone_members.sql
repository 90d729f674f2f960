-- They are not clean yet: each is looked at again later, the longer the oftener it was tried.
UPDATE incident_members
SET tries = tries + 1,
  next_try_at = %(now)s
    + least(interval '1 minute' * power(2, least(tries, 10)), interval '6 hours')
WHERE number = %(number)s AND cleared_at IS NULL AND shard = %(shard)s
  AND account_id = ANY(%(account_ids)s)
