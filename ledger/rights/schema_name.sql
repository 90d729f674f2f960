-- Where this connection's tables are.
SELECT current_schema()
