-- What a figure depends on: the server, and whether a commit waits for the disk.
SELECT
  current_setting('server_version'),
  current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'
