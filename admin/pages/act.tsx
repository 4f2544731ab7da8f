import { Box, Button, DrawerContent, DrawerFooter, MessageBox } from '@adminjs/design-system';
import { ActionHeader, type ActionProps, useTranslation } from 'adminjs';
import React, { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { AskedFields } from '../ui/asked-fields.tsx';
import { listPath } from '../ui/cell.tsx';
import { extraOf } from '../ui/extras.ts';
import { useSending } from '../ui/sending.ts';
import { Titles } from '../ui/titles.tsx';

/** A button of a plugin's own, pressed in a list, for one record or several: it says what it will do, and asks what it has to. */
const Act: React.FC<ActionProps> = ({ resource, record, records, action }) => {
  const { translateAction } = useTranslation();
  const navigate = useNavigate();
  const { search } = useLocation();
  const { busy, refusal, send } = useSending();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const meant = records ?? (record ? [record] : []);
  const state = record && extraOf(record, '$actions')?.[action.name];
  const says = records ? action.custom.says : state?.says;

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    const version = record?.params.version;
    const fields = { ...values, ...(version === undefined ? {} : { version: String(version) }) };
    const to = {
      resourceId: resource.id,
      actionName: action.name,
      records: meant,
      isBulk: records !== undefined,
    };
    const answer = await send(to, fields);
    if (!answer) return;
    // Back to the list as it was filtered.
    const query = new URLSearchParams(search);
    query.delete('recordIds');
    query.set('refresh', 'true');
    const next = records ? undefined : answer.redirectUrl;
    navigate(next ?? `${listPath(resource.id)}?${query}`);
  }

  return (
    <Box as="form" onSubmit={submit} flex flexGrow={1} flexDirection="column">
      <DrawerContent>
        <ActionHeader resource={resource} action={action} omitActions />
        <Titles records={meant} />
        {says && <p className="cad-says">{says}</p>}
        {state?.off && <MessageBox message={state.off} mb="lg" />}
        {refusal && <MessageBox variant="danger" message={refusal} mb="lg" />}
        <AskedFields fields={action.custom.fields} values={values} change={setValues} />
      </DrawerContent>
      <DrawerFooter>
        <Button
          type="submit"
          variant="contained"
          disabled={busy || meant.length === 0 || state?.off !== undefined}
        >
          {translateAction(action.label, resource.id)}
        </Button>
      </DrawerFooter>
    </Box>
  );
};

export default Act;
