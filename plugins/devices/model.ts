import { exactNetworkFilters, type Filter, field, macField, resource } from '#core';
import { siteModel } from '#plugins/sites';
import { deviceErrors } from './errors.ts';

/** What has become of a device, in the order of its life. */
const deviceStatuses = [
  'planned',
  'staged',
  'active',
  'offline',
  'failed',
  'inventory',
  'decommissioning',
  'decommissioned',
] as const;

const natural = 'natural_order';
const permissions = { read: 'devices:read', write: 'devices:write' } as const;

const interfaceMac = exactNetworkFilters('mac', 'mac', macField, 'macaddr').mac as Filter;

/** Of devices: those with an interface of this MAC address, in any notation. */
const mac: Filter = {
  schema: interfaceMac.schema.meta({
    description: 'Has an interface with this MAC address, in any notation.',
  }),
  condition: (values, bindings) =>
    `r.id IN (SELECT device_id FROM interface WHERE ${interfaceMac.condition(values, bindings)})`,
};

/** Something with interfaces: a router, a server, a virtual machine. */
export const deviceModel = resource({
  entity: 'device',
  table: 'device',
  path: '/devices',
  tag: 'Devices',
  key: ['name'],
  permissions,
  fields: {
    name: field.text({ collate: natural }),
    type: field.text({
      nullable: true,
      max: 60,
      description: 'What it is, in a word of your own: router, switch, firewall, access-point, server, vm.',
    }),
    vendor: field.text({ nullable: true, max: 100 }),
    model: field.text({ nullable: true, max: 100 }),
    serial: field.text({
      nullable: true,
      max: 100,
      description: 'Serial number; each vendor has it once, in whatever case.',
    }),
    assetTag: field.text({ nullable: true, max: 100, description: 'The tag of your own inventory.' }),
    siteId: field.reference(siteModel, { nullable: true }),
    status: field.choice(deviceStatuses, { default: 'active' }),
  },
  defaultSort: 'name',
  example: {
    name: 'core-1',
    type: 'router',
    vendor: 'Juniper',
    model: 'MX204',
    serial: 'BB4711',
    site: 'Oslo',
    tags: ['core'],
  },
  errors: { taken: deviceErrors.deviceTaken, inUse: deviceErrors.holderNotEmpty },
  filters: { mac },
  search: {
    title: 'name',
    context: ['type', 'siteId'],
    text: ['name'],
    exact: ['serial', 'assetTag'],
    notes: ['description'],
    tags: true,
  },
  panel: {
    group: 'Inventory',
    icon: 'Server',
    list: ['name', 'type', 'vendor', 'model', 'siteId', 'status', 'tags'],
    labels: { siteId: 'Site', serial: 'Serial number' },
  },
});

/** A port of a device, of copper, fibre or thought alone. */
export const interfaceModel = resource({
  entity: 'interface',
  table: 'interface',
  path: '/interfaces',
  tag: 'Devices',
  key: ['deviceId', 'name'],
  permissions,
  fields: {
    deviceId: field.reference(deviceModel, { description: 'Whose it is, for as long as it is there.' }),
    name: field.text({ max: 100, collate: natural }),
    type: field.text({
      nullable: true,
      max: 60,
      description: 'What it is, in a word of your own: 1000base-t, 10gbase-x-sfpp, lag, virtual, bridge.',
    }),
    mac: field.typed('macaddr', macField, {
      nullable: true,
      description: 'MAC address in any notation; answered as 00:1a:2b:3c:4d:5e.',
    }),
    enabled: field.boolean({ default: true }),
    mtu: field.integer({ nullable: true, min: 68, max: 65_536, description: 'Bytes.' }),
    speed: field.integer({ nullable: true, min: 1, max: 1_000_000_000_000, description: 'kbit/s.' }),
  },
  defaultSort: 'name',
  example: { device: 'core-1', name: 'ge-0/0/1', mac: '001a.2b3c.4d5e', mtu: 9192, description: 'To core-2' },
  errors: { inUse: deviceErrors.holderNotEmpty },
  search: {
    title: 'name',
    context: ['deviceId', 'description'],
    mac: ['mac'],
    notes: ['description'],
    tags: true,
  },
  panel: {
    group: 'Inventory',
    icon: 'GitCommit',
    beside: ['deviceId'],
    list: ['name', 'deviceId', 'type', 'mac', 'enabled', 'description'],
    labels: { deviceId: 'Device', mac: 'MAC', mtu: 'MTU', speed: 'Speed (kbit/s)' },
  },
});
