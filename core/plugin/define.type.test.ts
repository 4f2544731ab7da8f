import { DataTypes, type InferAttributes, type InferCreationAttributes, Model } from 'sequelize';
import { z } from 'zod';
import { defineModel } from '../db/model.ts';
import type { Tx } from '../db/transaction.ts';
import { route } from '../http/route.ts';
import { job } from '../jobs/job.ts';
import { definePlugin, type PluginContext } from './define.ts';
import { extensionPoint } from './extension.ts';

// What must not compile. `tsc` fails where an error that is expected here does not come; running it proves nothing.

class PetModel extends Model<InferAttributes<PetModel>, InferCreationAttributes<PetModel>> {
  declare id: number;
  declare name: string;
}
const Pet = defineModel(PetModel, {
  table: 'pet',
  columns: { id: { type: DataTypes.BIGINT, primaryKey: true }, name: DataTypes.TEXT },
});

const base = { version: '1.0.0', engine: '^1.0.0', summary: 'For types only.' } as const;
const sounds = extensionPoint<(loud: boolean) => string>('pets.sounds');

const pets = definePlugin({
  ...base,
  name: 'pets',
  models: { Pet },
  permissions: { 'pets:feed': { label: 'Feed', roles: ['engineer'] } },
  events: { 'pet.fed': z.object({ name: z.string(), grams: z.coerce.number() }) },
  setup: () => ({ feed: (name: string) => name.length }),
});
const weather = definePlugin({
  ...base,
  name: 'weather',
  events: { 'weather.changed': z.object({ rain: z.boolean() }) },
  setup: () => ({ rains: () => true }),
});

declare const tx: Tx;
const handler = async () => undefined;
const never = false as boolean;

describe('definePlugin', () => {
  it('takes only columns that the model has for finding its records', () => {
    defineModel(PetModel, {
      table: 'pet',
      columns: { id: { type: DataTypes.BIGINT, primaryKey: true }, name: DataTypes.TEXT },
      search: {
        title: 'name',
        // @ts-expect-error there is no column nam
        text: ['nam'],
      },
    });
  });

  it('takes only columns that the model has, in the panel and as derived or secret', () => {
    definePlugin({
      ...base,
      name: 'x',
      models: { Pet },
      // @ts-expect-error there is no column nam
      admin: { Pet: { title: 'nam' } },
      setup: () => undefined,
    });
    definePlugin({
      ...base,
      name: 'x',
      models: { Pet },
      // @ts-expect-error there is no column age
      admin: { Pet: { list: ['name', 'age'] } },
      setup: () => undefined,
    });
    definePlugin({
      ...base,
      name: 'x',
      models: { Pet },
      // @ts-expect-error there is no model Cat
      admin: { Cat: { title: 'name' } },
      setup: () => undefined,
    });
    // @ts-expect-error there is no column age
    defineModel(PetModel, { table: 'pet', columns: Pet.columns, derived: ['age'] });
    // @ts-expect-error a column of the class is missing
    defineModel(PetModel, { table: 'pet', columns: { id: DataTypes.BIGINT } });
  });

  it('emits only events that it declares, with their payload', () => {
    definePlugin({
      ...base,
      name: 'x',
      requires: [pets],
      events: { 'x.done': z.object({ count: z.number() }) },
      setup: async (ctx) => {
        if (!never) return;
        await ctx.emit(tx, 'x.done', { count: 1 });
        // @ts-expect-error no such event
        await ctx.emit(tx, 'x.dome', { count: 1 });
        // @ts-expect-error the payload's count is a number
        await ctx.emit(tx, 'x.done', { count: '1' });
        // @ts-expect-error the payload has a count
        await ctx.emit(tx, 'x.done', {});
        // @ts-expect-error another plugin's event is not ours to emit
        await ctx.emit(tx, 'pet.fed', { name: 'Rex', grams: 1 });
      },
    });
  });

  it('listens only to its own events and those of plugins it requires, with what their schema makes of them', () => {
    definePlugin({
      ...base,
      name: 'x',
      requires: [pets],
      setup: (ctx) => {
        if (!never) return;
        ctx.on('pet.fed', async (_tx, { name, grams }) => {
          name.toUpperCase();
          grams.toFixed();
          // @ts-expect-error grams is a number by now
          grams.toUpperCase();
        });
        ctx.subscribe('pet.fed', 's', async (payload) => {
          // @ts-expect-error the payload has no colour
          payload.colour;
        });
        // @ts-expect-error the plugin weather is not required
        ctx.on('weather.changed', handler);
        // @ts-expect-error the plugin weather is not required
        ctx.subscribe('weather.changed', 's', handler);
      },
    });
    definePlugin({
      ...base,
      name: 'y',
      requires: [pets, weather],
      setup: (ctx) => {
        if (!never) return;
        ctx.on('weather.changed', async (_tx, { rain }) => void (rain satisfies boolean));
        ctx.on('pet.fed', async (_tx, { name }) => void (name satisfies string));
        // @ts-expect-error no plugin has such an event
        ctx.on('weather.change', handler);
      },
    });
    definePlugin({
      ...base,
      name: 'z',
      setup: (ctx) => {
        if (!never) return;
        // @ts-expect-error it requires nothing and declares nothing
        ctx.on('pet.fed', handler);
      },
    });
  });

  it('uses only plugins that it requires, by what their set-up returned', () => {
    definePlugin({
      ...base,
      name: 'x',
      requires: [pets],
      setup: (ctx) => {
        if (!never) return;
        ctx.plugins.pets.feed('Rex') satisfies number;
        // @ts-expect-error feed takes a name
        ctx.plugins.pets.feed(7);
        // @ts-expect-error pets cannot walk
        ctx.plugins.pets.walk();
        // @ts-expect-error the plugin weather is not required
        ctx.plugins.weather;
      },
    });
  });

  it('reads only settings that it declares', () => {
    definePlugin({
      ...base,
      name: 'x',
      config: z.object({ portions: z.coerce.number() }),
      setup: (ctx) => {
        if (!never) return;
        ctx.config.portions.toFixed();
        // @ts-expect-error no such setting
        ctx.config.portion;
      },
    });
    definePlugin({
      ...base,
      name: 'y',
      setup: (ctx) => {
        if (!never) return;
        // @ts-expect-error it has no settings
        ctx.config.portions;
      },
    });
  });

  it('uses only models that it declares', () => {
    const use = (ctx: PluginContext<object, { Pet: typeof Pet }, object, readonly []>) => {
      ctx.models.Pet.build({ id: 1, name: 'Rex' }).name satisfies string;
      // @ts-expect-error no such model
      ctx.models.Cat;
    };
    if (never) use({} as never);
  });

  it('fills an extension point with what it is for', () => {
    const fill = (ctx: PluginContext<object, object, object, readonly []>) => {
      ctx.extend(sounds, (loud) => (loud ? 'WOOF' : 'woof'));
      ctx.extensions(sounds)[0]?.(true) satisfies string | undefined;
      // @ts-expect-error a sound is a function
      ctx.extend(sounds, 'woof');
    };
    if (never) fill({} as never);
  });

  it('takes only routes whose permission it, or a plugin it requires, declares', () => {
    const open = { method: 'get', path: '/x', summary: 'X', handler } as const;
    definePlugin({
      ...base,
      name: 'x',
      requires: [pets],
      permissions: { 'x:do': { label: 'Do', roles: [] } },
      setup: () => undefined,
      routes: () => [
        route({ ...open, permission: 'x:do' }),
        route({ ...open, permission: 'pets:feed' }),
        route({ ...open, permission: 'public' }),
        route({ ...open, permission: 'signed-in' }),
      ],
    });
    definePlugin({
      ...base,
      name: 'y',
      setup: () => undefined,
      // @ts-expect-error nobody that it requires declares it
      routes: () => [route({ ...open, permission: 'pets:feed' })],
    });
    // @ts-expect-error a permission must be said, if only "public"
    route(open);
    definePlugin({
      ...base,
      name: 'z',
      // @ts-expect-error there is no such role
      permissions: { 'z:do': { label: 'Do', roles: ['king'] } },
      setup: () => undefined,
    });
  });

  it('gives a job what its data schema makes of nothing', () => {
    job({
      name: 'x',
      every: '* * * * *',
      data: z.object({ most: z.number().default(10) }),
      run: async ({ data, caller }) => {
        data.most.toFixed();
        caller.actor satisfies string;
        // @ts-expect-error no such datum
        data.least;
      },
    });
    job({
      name: 'y',
      every: '* * * * *',
      // @ts-expect-error it takes no data
      run: async ({ data }) => data.most,
    });
    definePlugin({
      ...base,
      name: 'z',
      setup: () => ({ tidy: async () => 1, figure: () => 7 }),
      jobs: (api) => [job({ name: 'tidy', every: '* * * * *', run: api.tidy })],
      metrics: (api) => ({ cadastre_tidiness: { help: 'How tidy it is.', read: api.figure } }),
    });
    definePlugin({
      ...base,
      name: 'w',
      setup: () => ({ words: () => 'many' }),
      // @ts-expect-error a metric is a number
      metrics: (api) => ({ cadastre_tidiness: { help: 'How tidy it is.', read: api.words } }),
    });
  });

  it('takes for a queued job what its data schema takes, and gives it what the schema makes of that', () => {
    definePlugin({
      ...base,
      name: 'q',
      setup(ctx) {
        const sweep = job({
          name: 'sweep',
          data: z.object({ cidr: z.string(), most: z.coerce.number().default(10) }),
          retry: { attempts: 5 },
          concurrency: 2,
          run: async ({ data, progress, signal }) => {
            data.most.toFixed();
            progress(1, data.most);
            signal.throwIfAborted();
            // @ts-expect-error no such datum
            data.least;
          },
        });
        return {
          jobs: [sweep],
          start: async () => {
            const { id } = await ctx.jobs.enqueue(undefined, sweep, { cidr: 'x' }, { priority: 5 });
            id satisfies number;
            // @ts-expect-error the block is missing
            await ctx.jobs.enqueue(undefined, sweep, {});
            // @ts-expect-error no such option
            await ctx.jobs.enqueue(undefined, sweep, { cidr: 'x' }, { urgency: 5 });
          },
        };
      },
      jobs: (api) => api.jobs,
    });
    // @ts-expect-error what is enqueued has data
    job({ name: 'r', run: async () => undefined });
  });

  it('gives routes, health checks and requirers what set-up returned, awaited', () => {
    const slow = definePlugin({
      ...base,
      name: 'slow',
      setup: async () => ({ ready: true }),
      routes: (api) => {
        api.ready satisfies boolean;
        // @ts-expect-error no such thing
        api.steady;
        return [];
      },
      health: (api) => ({ ready: async () => void (api.ready satisfies boolean) }),
    });
    definePlugin({
      ...base,
      name: 'x',
      requires: [slow],
      setup: (ctx) => void (ctx.plugins.slow.ready satisfies boolean),
    });
  });
});
