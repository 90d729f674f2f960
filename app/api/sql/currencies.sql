-- The currency of some accounts, from the fact that opened each: it says what an amount is worth.
SELECT events.stream_id, as_json(events.state) ->> 'currency'
FROM unnest(%(shards)s::integer[], %(stream_ids)s::text[]) AS asked (shard, stream_id)
JOIN events
  ON events.shard = asked.shard AND events.stream_id = asked.stream_id
    AND events.topic = 'account.opened'
