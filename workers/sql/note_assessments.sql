-- What was assessed of these accounts, and when they are to be again.
INSERT INTO assessments (shard, account_id, version, next_on)
SELECT *
FROM unnest(
  %(shards)s::integer[], %(account_ids)s::text[], %(versions)s::integer[], %(days)s::date[]
)
ON CONFLICT (shard, account_id)
DO UPDATE SET version = excluded.version, next_on = excluded.next_on
