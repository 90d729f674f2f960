-- How far each application that is followed from here has been processed.
CREATE TABLE IF NOT EXISTS tracking (
  application_name text COLLATE "C" PRIMARY KEY,
  notification_id bigint NOT NULL
)
