import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelAttributes,
} from 'sequelize';
import { choiceColumn, defineModel, idColumn, referenceColumn, StampedModel, stampColumns } from '#core';
import { grantedRoles } from './schemas.ts';

class GrantModel extends StampedModel<InferAttributes<GrantModel>, InferCreationAttributes<GrantModel>> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare role: string;
  declare vrfId: number;
  declare cidr: string;
}

/** A role that a user has on a branch of the tree. */
export const Grant = defineModel(GrantModel, {
  table: 'branch_grant',
  key: ['userId', 'role', 'vrfId', 'cidr'],
  columns: {
    id: idColumn,
    userId: { ...referenceColumn('app_user'), allowNull: false },
    role: { ...choiceColumn(grantedRoles), allowNull: false },
    vrfId: { ...referenceColumn('vrf'), allowNull: false },
    cidr: { type: DataTypes.CIDR, allowNull: false },
    ...stampColumns,
  } as ModelAttributes<GrantModel>,
});
