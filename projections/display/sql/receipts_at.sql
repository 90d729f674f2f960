-- What each viewer saw last at an instant, on each client, and when he saw something else.
SELECT *
FROM (
  SELECT DISTINCT ON (view, viewer, client)
    shown_at, account_id, view, viewer, role, client, client_class, as_of, account_version,
    stream_version, policy_id, policy_version, source, cache, withheld, digest, page,
    (
      SELECT min(later.shown_at)
      FROM display_receipts AS later
      WHERE later.shard = receipt.shard AND later.account_id = receipt.account_id
        AND later.view = receipt.view AND later.viewer = receipt.viewer
        AND later.client = receipt.client AND later.shown_at > receipt.shown_at
        AND later.digest <> receipt.digest
    ) AS changed_at
  FROM display_receipts AS receipt
  WHERE shard = %(shard)s AND account_id = %(account_id)s AND shown_at <= %(at)s
  ORDER BY view, viewer, client, shown_at DESC
) AS last
ORDER BY shown_at DESC, view
LIMIT %(limit)s
