import { Box, Button, DrawerContent, DrawerFooter, Label, MessageBox, Text } from '@adminjs/design-system';
import { ActionHeader, type ActionProps, useTranslation } from 'adminjs';
import React, { useState } from 'react';
import { useNavigate } from 'react-router';
import { Choices } from '../ui/choices.tsx';
import { useSending } from '../ui/sending.ts';
import { Titles } from '../ui/titles.tsx';
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
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const { busy, refusal, send } = useSending();
  const choices: readonly Choice[] = action.custom.choices;
  const goners = records ?? (record ? [record] : []);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    const isBulk = records !== undefined;
    const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== ''));
    const to = { resourceId: resource.id, actionName: action.name, records: goners, isBulk };
    const answer = await send(to, given);
    if (answer) navigate(`${answer.redirectUrl}?refresh=true`);
  }

  return (
    <Box as="form" onSubmit={submit} flex flexGrow={1} flexDirection="column">
      <DrawerContent>
        <ActionHeader resource={resource} action={action} omitActions />
        <Titles records={goners} />
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
