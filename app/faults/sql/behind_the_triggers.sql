-- Change stored events as only somebody with all rights can.
SET LOCAL session_replication_role = replica
