-- The server processes that serve duebook, so that a drill can strike one of them.
SELECT pid
FROM pg_stat_activity
WHERE backend_type = 'client backend'
  AND application_name = 'duebook'
  AND pid <> pg_backend_pid()
ORDER BY pid
