-- How far an application has been processed.
SELECT notification_id FROM tracking WHERE application_name = %(application_name)s
