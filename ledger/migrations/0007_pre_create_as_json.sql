-- One state that jsonb cannot hold reads as NULL: it must not hide all other events of a query.
CREATE FUNCTION as_json(state bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN convert_from(state, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR untranslatable_character OR program_limit_exceeded THEN
  RETURN NULL;
END
$$
