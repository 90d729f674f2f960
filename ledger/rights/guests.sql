-- Of each role of guests: is it there, is its schema, can the owner make views in that, and can the
-- guests find them?
SELECT
  asked.role_name,
  asked.schema_name,
  guest.oid IS NOT NULL,
  place.oid IS NOT NULL,
  coalesce(has_schema_privilege(to_regrole('duebook_owner'), place.oid, 'CREATE'), false),
  coalesce(has_schema_privilege(guest.oid, place.oid, 'USAGE'), false)
FROM unnest(%(roles)s::text[], %(schemas)s::text[]) AS asked (role_name, schema_name)
LEFT JOIN pg_roles AS guest ON guest.rolname = asked.role_name
LEFT JOIN pg_namespace AS place ON place.nspname = asked.schema_name
