import { DataTypes, Model } from 'sequelize';
import { z } from 'zod';
import { defineModel, definePlugin, route } from '#core';
import { subnets } from '#plugins/subnets';

/** A plugin of a third party, which says of its records where they lie, or does not. */
export function racksPlugin(place?: string) {
  const Rack = defineModel(class Rack extends Model {}, {
    table: 'rack',
    columns: {
      id: { type: DataTypes.BIGINT, primaryKey: true },
      vrfId: { type: DataTypes.BIGINT, field: 'vrf_id' },
      cidr: DataTypes.CIDR,
    } as never,
    ...(place === undefined ? {} : { place }),
  });
  return definePlugin({
    name: 'racks',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Racks of a fixture.',
    requires: [subnets],
    models: { Rack },
    migrations: new URL('./migrations/', import.meta.url),
    permissions: {
      'racks:read': { label: 'See racks', roles: ['auditor'] },
      'racks:write': { label: 'Write racks', roles: ['engineer'], delegable: true },
      'racks:wire': { label: 'Wire racks', roles: ['engineer'] },
    },
    setup: () => undefined,
    routes: () => [
      route({
        method: 'get',
        path: '/racks',
        summary: 'List racks',
        permission: 'racks:read',
        handler: async () => undefined,
      }),
      route({
        method: 'post',
        path: '/racks',
        summary: 'Add a rack',
        permission: 'racks:write',
        dryRun: true,
        body: z.strictObject({ vrfId: z.int(), cidr: z.string() }),
        handler: ({ body, write }) =>
          write(async (tx) => {
            await tx.query('INSERT INTO rack (vrf_id, cidr) VALUES ($1, $2)', [body.vrfId, body.cidr]);
          }),
      }),
      route({
        method: 'post',
        path: '/racks/wire',
        summary: 'Wire racks',
        permission: 'racks:wire',
        handler: async () => undefined,
      }),
    ],
  });
}
