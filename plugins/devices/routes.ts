import { z } from 'zod';
import { idParams, route } from '#core';
import { deviceErrors } from './errors.ts';
import { type Choices, choicesQuery } from './holdings.ts';
import { deviceModel, interfaceModel } from './model.ts';
import type { DevicesApi } from './service.ts';

const { interfaceTaken, holderNotEmpty } = deviceErrors;
const { deviceId: _, device: __, ...ofItsOwn } = interfaceModel.newBody.shape;
const newInterface = z.strictObject(ofItsOwn);

/** /devices and /interfaces. */
export function deviceRoutes({ devices, interfaces, holdings, removeDevice, removeInterface }: DevicesApi) {
  const common = { tag: 'Devices', params: idParams } as const;
  const removing = {
    ...common,
    method: 'delete',
    permission: 'devices:write',
    dryRun: true,
    description:
      'Refused while something is held, unless the query says what becomes of it; the answer tells how many there are.',
    query: choicesQuery(holdings()),
    throws: [holderNotEmpty],
  } as const;
  return [
    ...deviceModel.routes(devices, { remove: false }),
    route({
      ...removing,
      path: '/devices/{id}',
      summary: 'Delete a device with its interfaces',
      handler: ({ params, query, write, ifMatch, demandIn }) =>
        write((tx) => removeDevice(tx, params.id, query as Choices, (each) => demandIn(tx, each), ifMatch)),
    }),
    route({
      ...common,
      method: 'get',
      path: '/devices/{id}/interfaces',
      summary: 'List the interfaces of a device',
      permission: 'devices:read',
      query: interfaces.listing.query,
      returns: interfaces.listing.page,
      handler: async ({ params, query }) => {
        await devices.get(params.id);
        return interfaces.list(query, (bindings) => `r.device_id = ${bindings.bind(params.id)}`);
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/devices/{id}/interfaces',
      summary: 'Add an interface to a device',
      permission: 'devices:write',
      dryRun: true,
      bulk: true,
      body: newInterface,
      example: { name: 'ge-0/0/1', type: '10gbase-x-sfpp', mac: '001a.2b3c.4d5e', mtu: 9192 },
      returns: interfaceModel.schema,
      status: 201,
      throws: [interfaceTaken],
      handler: ({ params, body, write }) =>
        write(async (tx) => {
          await devices.readIn(tx, params.id);
          return interfaces.create(tx, { ...body, deviceId: params.id });
        }),
    }),
    ...interfaceModel.routes(interfaces, {
      create: { throws: [interfaceTaken] },
      change: { throws: [interfaceTaken, deviceErrors.interfaceStays] },
      remove: false,
    }),
    route({
      ...removing,
      path: '/interfaces/{id}',
      summary: 'Delete an interface',
      handler: ({ params, query, write, ifMatch, demandIn }) =>
        write((tx) =>
          removeInterface(tx, params.id, query as Choices, (each) => demandIn(tx, each), ifMatch),
        ),
    }),
  ];
}
