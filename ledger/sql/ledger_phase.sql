-- The phase of this moment: another process may have opened the ledger.
SELECT phase FROM ledger
