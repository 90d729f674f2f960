-- The business date of whoever asks: `SET duebook.today` or `SET duebook.time_zone` say another
-- than the date in UTC.  It decides which rows are marked as behind, and nothing else.
CREATE OR REPLACE VIEW business_date AS
SELECT coalesce(
  nullif(current_setting('duebook.today', true), '')::date,
  (now() AT TIME ZONE coalesce(nullif(current_setting('duebook.time_zone', true), ''), 'UTC'))::date
) AS today
