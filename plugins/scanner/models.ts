import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type ModelAttributes,
} from 'sequelize';
import {
  choiceColumn as choice,
  defineModel,
  idColumn as id,
  referenceColumn,
  StampedModel,
  stampColumns,
} from '#core';
import { conflictKinds } from './domain/conclude.ts';
import {
  conflictStates,
  discoveryStates,
  resolutions,
  scanModes,
  scanStates,
  severities,
} from './schemas.ts';

class Scan extends Model<InferAttributes<Scan>, InferCreationAttributes<Scan>> {
  declare id: CreationOptional<number>;
  declare state: string;
  declare mode: string;
  declare probes: string[];
  declare cidr: string | null;
  declare done: number;
  declare total: number;
  declare seen: number;
  declare missed: number;
  declare unknown: number;
  declare conflicts: number;
  declare discovered: number;
  declare error: string | null;
  declare requestedBy: string | null;
  declare createdAt: Date;
  declare startedAt: Date | null;
  declare finishedAt: Date | null;
}

class Conflict extends StampedModel<InferAttributes<Conflict>, InferCreationAttributes<Conflict>> {
  declare id: CreationOptional<number>;
  declare vrfId: number;
  declare address: string;
  declare addressId: number | null;
  declare kind: string;
  declare severity: string;
  declare state: string;
  declare recorded: Record<string, unknown>;
  declare observed: Record<string, unknown>;
  declare formerStatus: string | null;
  declare detectedAt: Date;
  declare scanId: number | null;
  declare resolution: string | null;
  declare resolvedAt: Date | null;
  declare resolvedBy: string | null;
  declare note: string | null;
  declare history: unknown[];
}

class Discovery extends StampedModel<InferAttributes<Discovery>, InferCreationAttributes<Discovery>> {
  declare id: CreationOptional<number>;
  declare vrfId: number;
  declare address: string;
  declare state: string;
  declare detectedAt: Date;
  declare scanId: number | null;
  declare addressId: number | null;
  declare dismissedMac: string | null;
  declare decidedAt: Date | null;
  declare decidedBy: string | null;
  declare note: string | null;
}

const required = { allowNull: false } as const;
const vrfId = { ...referenceColumn('vrf'), ...required };
const place = 'in_branches(vrf_id, address)';

/** What the registry knows of this plugin's tables; what a sweep writes by the thousand is not among them. */
export const models = {
  Scan: defineModel(Scan, {
    table: 'scan',
    audited: false,
    columns: {
      id,
      state: { ...choice(scanStates), ...required },
      mode: { ...choice(scanModes), ...required },
      probes: { type: DataTypes.ARRAY(DataTypes.TEXT), ...required },
      cidr: DataTypes.CIDR,
      done: { type: DataTypes.BIGINT, ...required },
      total: { type: DataTypes.BIGINT, ...required },
      seen: { type: DataTypes.BIGINT, ...required },
      missed: { type: DataTypes.BIGINT, ...required },
      unknown: { type: DataTypes.BIGINT, ...required },
      conflicts: { type: DataTypes.BIGINT, ...required },
      discovered: { type: DataTypes.BIGINT, ...required },
      error: DataTypes.TEXT,
      requestedBy: DataTypes.TEXT,
      createdAt: DataTypes.DATE,
      startedAt: DataTypes.DATE,
      finishedAt: DataTypes.DATE,
    } as ModelAttributes<Scan>,
  }),
  Conflict: defineModel(Conflict, {
    table: 'conflict',
    place,
    // The address last: by that the audit log names a conflict.
    key: ['vrfId', 'kind', 'address'],
    columns: {
      id,
      vrfId,
      address: { type: DataTypes.INET, ...required },
      addressId: referenceColumn('address'),
      kind: { ...choice(conflictKinds), ...required },
      severity: { ...choice(severities), ...required },
      state: { ...choice(conflictStates), ...required },
      recorded: { type: DataTypes.JSONB, ...required },
      observed: { type: DataTypes.JSONB, ...required },
      formerStatus: DataTypes.TEXT,
      detectedAt: { type: DataTypes.DATE, ...required },
      scanId: referenceColumn('scan'),
      resolution: choice(resolutions),
      resolvedAt: DataTypes.DATE,
      resolvedBy: DataTypes.TEXT,
      note: DataTypes.TEXT,
      history: { type: DataTypes.JSONB, ...required },
      ...stampColumns,
    } as ModelAttributes<Conflict>,
  }),
  Discovery: defineModel(Discovery, {
    table: 'discovery',
    place,
    key: ['vrfId', 'address'],
    columns: {
      id,
      vrfId,
      address: { type: DataTypes.INET, ...required },
      state: { ...choice(discoveryStates), ...required },
      detectedAt: { type: DataTypes.DATE, ...required },
      scanId: referenceColumn('scan'),
      addressId: referenceColumn('address'),
      dismissedMac: DataTypes.MACADDR,
      decidedAt: DataTypes.DATE,
      decidedBy: DataTypes.TEXT,
      note: DataTypes.TEXT,
      ...stampColumns,
    } as ModelAttributes<Discovery>,
  }),
};
