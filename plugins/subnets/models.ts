import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelAttributes,
} from 'sequelize';
import {
  choiceColumn as choice,
  commonColumns,
  defineModel,
  idColumn as id,
  RecordModel,
  referenceColumn as reference,
  StampedModel,
  stampColumns,
} from '#core';
import { rangePurposes } from './range-schemas.ts';
import { addressRoles, addressStatuses, subnetStatuses } from './schemas.ts';

class Vrf extends RecordModel<InferAttributes<Vrf>, InferCreationAttributes<Vrf>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare rd: string | null;
  declare treeVersion: CreationOptional<number>;
}

class Subnet extends RecordModel<InferAttributes<Subnet>, InferCreationAttributes<Subnet>> {
  declare id: CreationOptional<number>;
  declare vrfId: number;
  declare cidr: string;
  declare parentId: CreationOptional<number | null>;
  declare name: string | null;
  declare status: CreationOptional<string>;
  declare vlanId: number | null;
  declare gateway: string | null;
  declare allowNetworkAndBroadcast: CreationOptional<boolean>;
  declare strategy: string | null;
  declare childStrategy: string | null;
  declare minChildPrefixLength: number | null;
  declare maxChildPrefixLength: number | null;
  declare defaultChildPrefixLength: number | null;
  declare cooldownSeconds: number | null;
  declare monitored: CreationOptional<boolean>;
}

class Range extends RecordModel<InferAttributes<Range>, InferCreationAttributes<Range>> {
  declare id: CreationOptional<number>;
  declare vrfId: number;
  declare start: string;
  declare end: string;
  declare purpose: string;
  declare allocatable: CreationOptional<boolean>;
  declare countAsUsed: CreationOptional<boolean>;
}

class Address extends RecordModel<InferAttributes<Address>, InferCreationAttributes<Address>> {
  declare id: CreationOptional<number>;
  declare vrfId: number;
  declare subnetId: CreationOptional<number>;
  declare address: string;
  declare status: CreationOptional<string>;
  declare hostname: string | null;
  declare mac: string | null;
  declare deviceId: number | null;
  declare interfaceId: number | null;
  declare role: string | null;
  declare expiresAt: Date | null;
  declare availableAt: Date | null;
}

class AddressAssignment extends StampedModel<
  InferAttributes<AddressAssignment>,
  InferCreationAttributes<AddressAssignment>
> {
  declare id: CreationOptional<number>;
  declare addressId: number;
  declare deviceId: number;
  declare interfaceId: number | null;
}

/** The tables of the address space as the registry knows them: for the panel, the audit log and CSV. */
export const models = {
  Vrf: defineModel(Vrf, {
    table: 'vrf',
    key: ['name'],
    derived: ['treeVersion'],
    search: { title: 'name', text: ['name'], exact: ['rd'], notes: ['description'], tags: true },
    columns: {
      id,
      name: { type: DataTypes.TEXT, allowNull: false },
      rd: DataTypes.TEXT,
      treeVersion: DataTypes.BIGINT,
      ...commonColumns,
    } as ModelAttributes<Vrf>,
  }),
  Subnet: defineModel(Subnet, {
    table: 'subnet',
    place: 'in_branches(vrf_id, cidr)',
    key: ['vrfId', 'cidr'],
    derived: ['parentId'],
    claims: ['gateway'],
    search: {
      title: 'cidr',
      context: ['name', 'vrfId', 'vlanId'],
      network: ['cidr'],
      text: ['name'],
      notes: ['description'],
      tags: true,
    },
    columns: {
      id,
      vrfId: { ...reference('vrf'), allowNull: false },
      cidr: { type: DataTypes.CIDR, allowNull: false },
      parentId: reference('subnet'),
      name: DataTypes.TEXT,
      status: { ...choice(subnetStatuses), allowNull: false, defaultValue: 'active' },
      vlanId: reference('vlan'),
      gateway: DataTypes.INET,
      allowNetworkAndBroadcast: DataTypes.BOOLEAN,
      strategy: DataTypes.TEXT,
      childStrategy: DataTypes.TEXT,
      minChildPrefixLength: DataTypes.SMALLINT,
      maxChildPrefixLength: DataTypes.SMALLINT,
      defaultChildPrefixLength: DataTypes.SMALLINT,
      cooldownSeconds: DataTypes.INTEGER,
      monitored: DataTypes.BOOLEAN,
      ...commonColumns,
    } as ModelAttributes<Subnet>,
  }),
  Range: defineModel(Range, {
    table: 'ip_range',
    // A block holds a run of addresses where it holds the smallest block about it.
    place: 'in_branches(vrf_id, inet_merge(start_ip, end_ip))',
    key: ['vrfId', 'start'],
    search: {
      title: 'start',
      context: ['end', 'purpose', 'vrfId'],
      run: ['start', 'end'],
      notes: ['description'],
      tags: true,
    },
    columns: {
      id,
      vrfId: { ...reference('vrf'), allowNull: false },
      start: { type: DataTypes.INET, field: 'start_ip', allowNull: false },
      end: { type: DataTypes.INET, field: 'end_ip', allowNull: false },
      purpose: { ...choice(rangePurposes), allowNull: false },
      allocatable: DataTypes.BOOLEAN,
      countAsUsed: DataTypes.BOOLEAN,
      ...commonColumns,
    } as ModelAttributes<Range>,
  }),
  Address: defineModel(Address, {
    table: 'address',
    place: 'in_branches(vrf_id, address)',
    key: ['vrfId', 'address'],
    derived: ['subnetId', 'availableAt'],
    search: {
      title: 'address',
      context: ['hostname', 'vrfId', 'subnetId', 'deviceId', 'interfaceId'],
      network: ['address'],
      text: ['hostname'],
      mac: ['mac'],
      tags: true,
    },
    columns: {
      id,
      vrfId: { ...reference('vrf'), allowNull: false },
      subnetId: reference('subnet'),
      address: { type: DataTypes.INET, allowNull: false },
      status: { ...choice(addressStatuses), allowNull: false, defaultValue: 'assigned' },
      hostname: DataTypes.TEXT,
      mac: DataTypes.MACADDR,
      deviceId: reference('device'),
      interfaceId: reference('interface'),
      role: choice(addressRoles),
      expiresAt: DataTypes.DATE,
      availableAt: DataTypes.DATE,
      ...commonColumns,
    } as ModelAttributes<Address>,
  }),
  AddressAssignment: defineModel(AddressAssignment, {
    table: 'address_assignment',
    place: 'address_in_branches(address_id)',
    key: ['addressId', 'deviceId'],
    columns: {
      id,
      addressId: { ...reference('address'), allowNull: false },
      deviceId: { ...reference('device'), allowNull: false },
      interfaceId: reference('interface'),
      ...stampColumns,
    } as ModelAttributes<AddressAssignment>,
  }),
};
