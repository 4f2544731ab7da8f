import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
} from 'sequelize';
import { choiceColumn, defineModel, idColumn, referenceColumn } from '#core';
import { deliveryStates } from './schemas.ts';

/** What a notifier was told, or is to be told, as the panel shows it. */
class DeliveryModel extends Model<InferAttributes<DeliveryModel>, InferCreationAttributes<DeliveryModel>> {
  declare id: CreationOptional<number>;
  declare notifierId: number;
  declare event: string;
  declare summary: string;
  declare payload: Record<string, unknown>;
  declare state: CreationOptional<(typeof deliveryStates)[number]>;
  declare attempts: CreationOptional<number>;
  declare responseStatus: number | null;
  declare error: string | null;
  declare actor: string;
  declare changeId: string;
  declare createdAt: CreationOptional<Date>;
  declare attemptedAt: Date | null;
  declare finishedAt: Date | null;
}

export const Delivery = defineModel(DeliveryModel, {
  table: 'delivery',
  columns: {
    id: idColumn,
    notifierId: { ...referenceColumn('notifier'), allowNull: false },
    event: { type: DataTypes.TEXT, allowNull: false },
    summary: { type: DataTypes.TEXT, allowNull: false },
    payload: { type: DataTypes.JSONB, allowNull: false },
    state: { ...choiceColumn(deliveryStates), allowNull: false },
    attempts: { type: DataTypes.INTEGER, allowNull: false },
    responseStatus: DataTypes.INTEGER,
    error: DataTypes.TEXT,
    actor: { type: DataTypes.TEXT, allowNull: false },
    changeId: { type: DataTypes.UUID, allowNull: false },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    attemptedAt: DataTypes.DATE,
    finishedAt: DataTypes.DATE,
  },
  audited: false,
  // Written as a consequence of what somebody did in a branch.
  place: 'true',
});

/** How the panel shows it: the latest first, with a button that has it sent once more. */
export const deliveryView = {
  title: 'summary',
  list: ['createdAt', 'notifierId', 'summary', 'state', 'attempts', 'error'],
  edit: [],
  filter: ['notifierId', 'state', 'event', 'createdAt'],
  labels: { createdAt: 'When', actor: 'By', payload: 'Data', changeId: 'Change', responseStatus: 'Answered' },
  order: '-id',
  exact: ['event'],
  group: 'Notifications',
  icon: 'Send',
  rest: '/deliveries',
  actions: {
    redeliver: {
      label: 'Send again',
      icon: 'Send',
      post: '/deliveries/{id}/redeliver',
      done: 'It is sent again; reload the page to see what came of it.',
    },
  },
} as const;
