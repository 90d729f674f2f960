-- Whether there are places for the views of guests that this role may fill.
SELECT bool_and(coalesce(
  has_schema_privilege(to_regnamespace(name)::oid, 'USAGE')
  AND has_schema_privilege(to_regnamespace(name)::oid, 'CREATE'), false
))
FROM unnest(ARRAY['analytics', 'borrower']) AS name
