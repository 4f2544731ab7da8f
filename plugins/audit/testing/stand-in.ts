import type { TestRegister } from '#core/testing';

export async function standIn({ host, db }: TestRegister): Promise<void> {
  for (const { definition, model } of host.registry.models) {
    if (definition.table === 'audit_log') continue;
    const attrs = Object.entries((model as any).getAttributes()) as [string, any][];
    const col = (n: string) => attrs.find(([a]) => a === n)?.[1].field ?? n;
    const drop = [
      ...definition.derived,
      ...definition.secret,
      'id',
      'createdAt',
      'updatedAt',
      'createdBy',
      'updatedBy',
    ].map((n) => col(n as string));
    const parts = (definition.key as readonly string[]).map((n) => {
      const c = col(n);
      const ref = attrs.find(([a]) => a === n)?.[1].references?.model;
      return ref
        ? `'${n.replace(/Id$/, '')}', (SELECT name FROM ${ref} WHERE id = x.${c})`
        : `'${n}', to_jsonb(x.${c})`;
    });
    const subject = `to_jsonb(x.${col((definition.key as readonly string[]).at(-1) as string)}) #>> '{}'`;
    await db.query(`CREATE FUNCTION audit_${definition.table}() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $f$
      DECLARE x ${definition.table}; b jsonb; a jsonb; d text[] := ARRAY['${drop.join("','")}'];
      BEGIN
        x := coalesce(NEW, OLD);
        IF TG_OP <> 'INSERT' THEN SELECT jsonb_object_agg(key, value) INTO b FROM jsonb_each(to_jsonb(OLD) - d) WHERE value <> 'null'; END IF;
        IF TG_OP <> 'DELETE' THEN SELECT jsonb_object_agg(key, value) INTO a FROM jsonb_each(to_jsonb(NEW) - d) WHERE value <> 'null'; END IF;
        IF b - 'version' IS NOT DISTINCT FROM a - 'version' THEN RETURN NULL; END IF;
        INSERT INTO audit_log (change_id, actor, source, request_id, action, entity, entity_id, subject, key, before, after)
          VALUES (coalesce(nullif(current_setting('cadastre.change_id', true), '')::uuid, gen_random_uuid()), current_actor(),
            coalesce(nullif(current_setting('cadastre.source', true), ''), 'db'), nullif(current_setting('cadastre.request_id', true), ''),
            CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END, '${definition.entity}', x.id::text, ${subject},
            jsonb_build_object(${parts.join(', ')}), b, a);
        RETURN NULL;
      END $f$`);
    await db.query(
      `CREATE TRIGGER zz_audit AFTER INSERT OR UPDATE OR DELETE ON ${definition.table} FOR EACH ROW EXECUTE FUNCTION audit_${definition.table}()`,
    );
  }
}
