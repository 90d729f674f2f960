-- In the transaction of the migration itself: it is both done and marked, or neither.
INSERT INTO duebook_migrations (name) VALUES (%(name)s)
