import { Box, Button, DrawerContent, DrawerFooter, Label, MessageBox, Text } from '@adminjs/design-system';
import { ActionHeader, type ActionProps, ApiClient, useNotice, useTranslation } from 'adminjs';
import React, { useState } from 'react';
import { useNavigate } from 'react-router';
import { Choices } from '../ui/choices.tsx';
import { capitalized } from '../words.ts';

interface Choice {
  name: string;
  options: readonly string[];
  says: string;
}

/** Deletes one record or several, asking what becomes of what they hold. */
const Remove: React.FC<ActionProps> = ({ resource, record, records, action }) => {
  const { translateButton } = useTranslation();
  const navigate = useNavigate();
  const addNotice = useNotice();
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
  const choices: readonly Choice[] = action.custom.choices;
  const goners = records ?? (record ? [record] : []);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefusal('');
    const data = new FormData();
    for (const [name, value] of Object.entries(chosen)) if (value) data.set(name, value);
    const call = { resourceId: resource.id, actionName: action.name, method: 'post', data } as const;
    try {
      const api = new ApiClient();
      const { data: answer } = records
        ? await api.bulkAction({ ...call, recordIds: records.map(({ id }) => id) })
        : await api.recordAction({ ...call, recordId: record?.id ?? '' });
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
          {goners
            .slice(0, 5)
            .map(({ title }) => title)
            .join(', ')}
          {goners.length > 5 ? ` … (${goners.length})` : ''}
        </Text>
        {refusal && <MessageBox variant="danger" message={refusal} mb="lg" />}
        {choices.map(({ name, options, says }) => (
          <Box key={name} mb="lg">
            <Label htmlFor={`remove-${name}`}>{capitalized(name)}</Label>
            <Choices
              input={{ id: `remove-${name}` }}
              choices={options.map((value) => ({ value }))}
              value={chosen[name] ?? ''}
              none="Refuse while there are any"
              choose={(value) => setChosen((before) => ({ ...before, [name]: value }))}
            />
            <Text mt="sm" variant="sm">
              {says.replaceAll('`', '')}
            </Text>
          </Box>
        ))}
      </DrawerContent>
      <DrawerFooter>
        <Button type="submit" variant="danger" disabled={busy || goners.length === 0}>
          {translateButton('confirmRemovalMany', resource.id, { count: goners.length })}
        </Button>
      </DrawerFooter>
    </Box>
  );
};

export default Remove;
