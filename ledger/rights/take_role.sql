-- From now on the connection may only what the role may, until its end.
SELECT set_config('role', %(role)s, false)
