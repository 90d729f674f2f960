-- Since when the history of the views is kept.
SELECT begun_at FROM views_history
