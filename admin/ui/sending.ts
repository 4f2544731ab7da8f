import { type ActionResponse, ApiClient, useNotice } from 'adminjs';
import { useState } from 'react';

/** The action that a form is sent to, of one record or of several. */
export interface SendTo {
  resourceId: string;
  actionName: string;
  records: readonly { id: string }[];
  /** Whether the action is one for several records, be it only one that is selected. */
  isBulk: boolean;
}

/** How a form that an action waits for is sent: whether it is under way, and in words why it was refused. */
export interface Sending {
  busy: boolean;
  refusal: string;
  /** Sends what was filled in, and says what was done; undefined where it was refused. */
  send(to: SendTo, fields: Readonly<Record<string, string>>): Promise<ActionResponse | undefined>;
}

/** Sends forms to actions; the page says what is wrong where one is refused, and AdminJS's notice what was done. */
export function useSending(): Sending {
  const addNotice = useNotice();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');

  async function send({ resourceId, actionName, records, isBulk }: SendTo, fields: Record<string, string>) {
    setBusy(true);
    setRefusal('');
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    const call = { resourceId, actionName, method: 'post', data } as const;
    const ids = records.map(({ id }) => id);
    try {
      const api = new ApiClient();
      const { data: answer } = isBulk
        ? await api.bulkAction({ ...call, recordIds: ids })
        : await api.recordAction({ ...call, recordId: ids[0] ?? '' });
      if (answer.notice?.type === 'error') {
        setRefusal(answer.notice.message);
        return undefined;
      }
      if (answer.notice) addNotice(answer.notice);
      return answer as ActionResponse;
    } catch (fault) {
      const told = (fault as { response?: { data?: { detail?: string } } }).response?.data?.detail;
      setRefusal(told ?? (fault as Error).message);
      return undefined;
    } finally {
      setBusy(false);
    }
  }
  return { busy, refusal, send };
}
