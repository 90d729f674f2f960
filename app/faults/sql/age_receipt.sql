-- The receipt says that the rows were made from an older version of the account than they were.
UPDATE receipts
SET account_version = account_version - 1
WHERE account_id = %(account_id)s AND account_version > 1
