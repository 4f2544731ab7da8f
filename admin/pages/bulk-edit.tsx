import {
  Box,
  Button,
  CheckBox,
  DrawerContent,
  DrawerFooter,
  Label,
  MessageBox,
} from '@adminjs/design-system';
import {
  ActionHeader,
  type ActionProps,
  BasePropertyComponent,
  type RecordJSON,
  useTranslation,
} from 'adminjs';
import React, { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSending } from '../ui/sending.ts';
import { Titles } from '../ui/titles.tsx';

/** Sets the same fields of several records: choose which, say what, and all change or none. */
const BulkEdit: React.FC<ActionProps> = ({ resource, records = [], action }) => {
  const { translateButton, translateProperty } = useTranslation();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [record, setRecord] = useState<RecordJSON>(
    () => ({ ...records[0], params: {}, populated: {}, errors: {}, baseError: null }) as RecordJSON,
  );
  const { busy, refusal, send } = useSending();
  const fields = resource.editProperties.filter(({ name }) => action.custom.fields.includes(name));

  const toggle = (name: string) =>
    setChosen((before) =>
      before.includes(name) ? before.filter((each) => each !== name) : [...before, name],
    );
  const change = (property: RecordJSON | string, value?: unknown) => {
    if (typeof property !== 'string') return setRecord(property);
    setRecord((before) => ({ ...before, params: { ...before.params, [property]: value } }));
  };

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    const given = Object.fromEntries(chosen.map((name) => [name, String(record.params[name] ?? '')]));
    const answer = await send(
      { resourceId: resource.id, actionName: action.name, records, isBulk: true },
      given,
    );
    if (answer) navigate(`${answer.redirectUrl}?refresh=true`);
  }

  return (
    <Box as="form" onSubmit={submit} flex flexGrow={1} flexDirection="column">
      <DrawerContent>
        <ActionHeader resource={resource} action={action} omitActions />
        <Titles records={records} />
        {refusal && <MessageBox variant="danger" message={refusal} mb="lg" />}
        {fields.map((property) => (
          <Box key={property.name} mb="default">
            <CheckBox
              id={`change-${property.name}`}
              checked={chosen.includes(property.name)}
              onChange={() => toggle(property.name)}
            />
            <Label inline htmlFor={`change-${property.name}`} ml="default">
              Change {translateProperty(property.label, resource.id)}
            </Label>
            {chosen.includes(property.name) && (
              <BasePropertyComponent
                where="edit"
                property={property}
                resource={resource}
                record={record}
                onChange={change}
              />
            )}
          </Box>
        ))}
      </DrawerContent>
      <DrawerFooter>
        <Button type="submit" variant="contained" disabled={busy || chosen.length === 0}>
          {translateButton('save', resource.id)}
        </Button>
      </DrawerFooter>
    </Box>
  );
};

export default BulkEdit;
