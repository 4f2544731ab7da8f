import {
  Box,
  Button,
  CheckBox,
  DrawerContent,
  DrawerFooter,
  Label,
  MessageBox,
  Text,
} from '@adminjs/design-system';
import {
  ActionHeader,
  type ActionProps,
  ApiClient,
  BasePropertyComponent,
  type RecordJSON,
  useNotice,
  useTranslation,
} from 'adminjs';
import React, { useState } from 'react';
import { useNavigate } from 'react-router';

/** Sets the same fields of several records: choose which, say what, and all change or none. */
const BulkEdit: React.FC<ActionProps> = ({ resource, records = [], action }) => {
  const { translateButton, translateProperty } = useTranslation();
  const navigate = useNavigate();
  const addNotice = useNotice();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [record, setRecord] = useState<RecordJSON>(
    () => ({ ...records[0], params: {}, populated: {}, errors: {}, baseError: null }) as RecordJSON,
  );
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
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
    setBusy(true);
    setRefusal('');
    const data = new FormData();
    for (const name of chosen) data.set(name, String(record.params[name] ?? ''));
    try {
      const { data: answer } = await new ApiClient().bulkAction({
        resourceId: resource.id,
        actionName: action.name,
        recordIds: records.map(({ id }) => id),
        method: 'post',
        data,
      });
      if (answer.notice?.type === 'error') {
        setRefusal(answer.notice.message);
      } else {
        if (answer.notice) addNotice(answer.notice);
        navigate(`${answer.redirectUrl}?refresh=true`);
      }
    } catch (fault) {
      const told = (fault as { response?: { data?: { detail?: string } } }).response?.data?.detail;
      setRefusal(told ?? (fault as Error).message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Box as="form" onSubmit={submit} flex flexGrow={1} flexDirection="column">
      <DrawerContent>
        <ActionHeader resource={resource} action={action} omitActions />
        <Text mb="lg">
          {records.length} selected:{' '}
          {records
            .slice(0, 5)
            .map(({ title }) => title)
            .join(', ')}
          {records.length > 5 ? ' …' : ''}
        </Text>
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
