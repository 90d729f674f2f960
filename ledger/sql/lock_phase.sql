-- Holds the phase still until the commit: the ledger cannot open under an import of old times.
SELECT phase FROM ledger FOR SHARE
