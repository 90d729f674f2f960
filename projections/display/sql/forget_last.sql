-- Of pages whose receipts are gone nothing is left to compare with.
DELETE FROM display_last WHERE shown_at < %(before)s
