-- What a session does is shown to its own login user alone, and to none of the roles taken later.
SET LOCAL ROLE NONE
