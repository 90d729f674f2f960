-- From now on what happens to the views is kept; the first to say so decides.
INSERT INTO views_history (begun_at) VALUES (now()) ON CONFLICT DO NOTHING
