import { z } from 'zod';
import { labelColors, listExtensions, named, type PluginContext, type Tx } from '#core';
import type { subnets } from '#plugins/subnets';
import { tagErrors } from './errors.ts';
import type { tagEvents } from './events.ts';
import { inheritance } from './inheritance.ts';
import { createLabels, type Usage } from './labels.ts';
import { tagResource } from './model.ts';

type Context = Pick<
  PluginContext<unknown, unknown, typeof tagEvents, readonly [typeof subnets]>,
  'db' | 'emit' | 'extend' | 'extensions' | 'registry'
>;
type Guard = (current: { version: number }) => void;

const colorsOf = named('tag_colors', 'SELECT name, color FROM tag WHERE name = ANY ($1::text[])');

/** Makes what this plugin can do: the records of tags, and what follows from them for the records that carry them. */
export function createTagsApi(ctx: Context) {
  const { db } = ctx;
  const labels = createLabels(ctx.registry);
  for (const extension of inheritance) ctx.extend(listExtensions, extension);
  ctx.extend(listExtensions, {
    list: tagResource.list,
    includes: {
      usage: {
        schema: z
          .record(z.string(), z.int())
          .meta({ description: 'How many records of each kind carry it, by what the audit log calls them.' }),
        load: (query, tags) =>
          labels.usage(
            query,
            tags.map(({ name }) => String(name)),
          ),
      },
    },
  });
  ctx.extend(labelColors, async (names) => {
    const rows = await db.query<{ name: string; color: string }>(colorsOf, [names]);
    return new Map(rows.map(({ name, color }) => [name, color]));
  });

  const tags = tagResource.service(ctx, {
    async afterWrite(tx, { deed, record: { id, name }, ...written }) {
      if (deed !== 'updated') return ctx.emit(tx, `tag.${deed}`, { id, name });
      const { before } = written as { before: { name: string } };
      if (before.name !== name) await labels.replace(tx, before.name, name);
      return ctx.emit(tx, 'tag.updated', { id, name, formerName: before.name });
    },
  });

  /** Throws 409 `tag-in-use` where any record carries a tag. */
  async function demandUnused(tx: Tx, name: string): Promise<void> {
    const [usage = {}] = await labels.usage(tx.query, [name]);
    const used: Usage = Object.fromEntries(Object.entries(usage).filter(([, n]) => n > 0));
    const counts = Object.entries(used).map(([entity, n]) => `${entity}: ${n}`);
    if (counts.length === 0) return;
    throw tagErrors.tagInUse(
      `Records carry the tag ${name} (${counts.join(', ')}); take it off them, or delete it with ?cascade=untag.`,
      { members: { usage: used } },
    );
  }

  return {
    tags,
    /** Deletes a tag. Where records carry it, 409 `tag-in-use`, or with `untag` it is taken off them all. */
    async remove(tx: Tx, id: number, cascade: 'untag' | undefined, guard: Guard): Promise<void> {
      await tx.query('SELECT FROM tag WHERE id = $1 FOR UPDATE', [id]);
      const tag = await tags.readIn(tx, id);
      guard(tag);
      if (cascade === 'untag') await labels.replace(tx, tag.name, null);
      else await demandUnused(tx, tag.name);
      await tags.remove(tx, id);
    },
  };
}

export type TagsApi = ReturnType<typeof createTagsApi>;
