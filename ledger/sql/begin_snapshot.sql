-- All reads of the transaction see one moment, so ends and events can be compared with each other.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
