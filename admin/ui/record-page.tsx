import { DrawerContent } from '@adminjs/design-system';
import { type ActionProps, BasePropertyComponent, type BasePropertyJSON, type RecordJSON } from 'adminjs';
import React, { useCallback, useEffect, useState } from 'react';
import type { PageParts } from '../resource/options.ts';
import { extraOf } from './extras.ts';
import { FactsCard } from './facts-card.tsx';
import { Progress } from './progress.tsx';
import { RecordActions } from './record-actions.tsx';

/** A record: how far it is, what can be done with it, what else is known of it, and its columns. */
const RecordPage: React.FC<ActionProps> = ({ resource, action, record: opened }) => {
  const [record, setRecord] = useState(opened);
  useEffect(() => setRecord(opened), [opened]);
  const learn = useCallback(
    (params: RecordJSON['params']) =>
      setRecord((before) => before && { ...before, params: { ...before.params, ...params } }),
    [],
  );
  if (!record) return null;
  const { actions, progress } = action.custom as PageParts;
  const shown = (property: BasePropertyJSON) => (
    <BasePropertyComponent
      key={property.propertyPath}
      where="show"
      property={property}
      resource={resource}
      record={record}
    />
  );
  // What a person decides by stands above the buttons.
  const isTold = ({ custom }: BasePropertyJSON) => custom.isTold === true;
  return (
    <DrawerContent data-css={`${resource.id}-show-drawer-content`}>
      {progress && <Progress resource={resource} record={record} progress={progress} learn={learn} />}
      {resource.showProperties.filter(isTold).map(shown)}
      {actions.length > 0 && (
        <RecordActions resource={resource} record={record} actions={actions} changed={setRecord} />
      )}
      {extraOf(record, '$facts')?.map((group) => (
        <FactsCard key={group.title} {...group} />
      ))}
      {resource.showProperties.filter((each) => !isTold(each)).map(shown)}
    </DrawerContent>
  );
};

export default RecordPage;
