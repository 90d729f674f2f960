-- The balance of every ledger account by a day, over all accounts of a generation.
SELECT currency, ledger_account, sum(amount)
FROM journal_v1
WHERE generation = %(generation)s AND posted_on <= %(until)s
GROUP BY currency, ledger_account
HAVING sum(amount) <> 0
ORDER BY currency, ledger_account
