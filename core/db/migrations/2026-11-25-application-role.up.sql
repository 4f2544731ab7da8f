-- Two roles: the owner migrates and owns every table; the application's own role uses them and can change no rule of theirs.

-- Gives the application's role what it needs of all that the owner, who calls this after each migration, owns by then: rows of
-- tables, numbers of sequences, functions. A table with a trigger whose name ends in `append_only` it may add to and read, and the
-- partitions of such a table read. Looks first: grants what is missing, takes back what is too much.
CREATE FUNCTION grant_to_application(application text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  owner_id CONSTANT oid := (SELECT oid FROM pg_roles WHERE rolname = current_user);
  application_id CONSTANT oid := (SELECT oid FROM pg_roles WHERE rolname = application);
  thing record;
BEGIN
  IF owner_id = application_id THEN
    RETURN;
  END IF;
  FOR thing IN
    WITH relation AS (
      SELECT c.relkind, c.relacl, c.relispartition, c.oid::regclass AS name,
             EXISTS (SELECT FROM pg_trigger t
                      WHERE t.tgrelid = coalesce(pg_partition_root(c.oid), c.oid) AND t.tgname ~ 'append_only$') AS append_only
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relowner = owner_id AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
         AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ), wanted AS (
      SELECT r.*, CASE WHEN relkind = 'S' THEN '{SELECT,USAGE}'
                       WHEN name = 'schema_migration'::regclass OR (append_only AND relispartition) THEN '{SELECT}'
                       WHEN append_only THEN '{INSERT,SELECT}'
                       ELSE '{DELETE,INSERT,SELECT,UPDATE}' END::text[] AS privileges
        FROM relation r
    )
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || name AS name, array_to_string(privileges, ', ') AS privileges
      FROM wanted
     WHERE privileges <> ARRAY(SELECT privilege_type FROM aclexplode(relacl) WHERE grantee = application_id
                                ORDER BY privilege_type COLLATE "C")
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', thing.name, application);
    EXECUTE format('GRANT %s ON %s TO %I', thing.privileges, thing.name, application);
  END LOOP;
  FOR thing IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.proowner = owner_id AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT has_function_privilege(application_id, p.oid, 'EXECUTE')
  LOOP
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', thing.name, application);
  END LOOP;
  FOR thing IN
    SELECT n.nspname AS name FROM pg_namespace n
     WHERE EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relowner = owner_id)
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT has_schema_privilege(application_id, n.oid, 'USAGE')
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', thing.name, application);
  END LOOP;
END $$;

-- ANALYZE is the owner's. What loads many rows at once asks for it here, so that the next statements are planned by what is there.
CREATE FUNCTION refresh_statistics(VARIADIC changed regclass[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  each regclass;
BEGIN
  FOREACH each IN ARRAY changed LOOP
    EXECUTE format('ANALYZE %s', each);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION refresh_statistics(regclass[]) FROM PUBLIC;
