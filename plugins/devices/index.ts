import { definePlugin } from '#core';
import { sites } from '#plugins/sites';
import { deviceConstraints, deviceErrors } from './errors.ts';
import { deviceEvents } from './events.ts';
import { deviceModel, interfaceModel } from './model.ts';
import { deviceRoutes } from './routes.ts';
import { createDevicesApi } from './service.ts';

export { deviceErrors } from './errors.ts';
export { type Holder, type Holding, holdings } from './holdings.ts';
export { deviceModel, interfaceModel } from './model.ts';
export type { DevicesApi } from './service.ts';

const everybody = ['admin', 'engineer', 'auditor', 'viewer'] as const;
const writers = ['admin', 'engineer'] as const;

/** Devices and their interfaces, and the question what becomes of what they hold when they go. */
export const devices = definePlugin({
  name: 'devices',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps devices and their interfaces.',
  requires: [sites],
  models: { Device: deviceModel.model, Interface: interfaceModel.model },
  migrations: new URL('../../migrations/devices/', import.meta.url),
  permissions: {
    'devices:read': { label: 'See devices and interfaces', roles: everybody },
    'devices:write': { label: 'Create, change and delete devices and interfaces', roles: writers },
  },
  events: deviceEvents,
  errors: deviceErrors,
  constraints: { ...deviceModel.constraints, ...interfaceModel.constraints, ...deviceConstraints },
  admin: { Device: deviceModel.view, Interface: interfaceModel.view },
  setup: createDevicesApi,
  routes: deviceRoutes,
});
