-- What is said of a view of this schema; nothing where there is none.
SELECT obj_description(to_regclass(quote_ident(%(name)s)), 'pg_class')
