import { ApiClient } from 'adminjs';
import { useEffect, useState } from 'react';
import type { FormField } from '#core';
import { wordsOf } from '../words.ts';

/** A custom field's value as a form holds it; null takes it away. */
export type FieldValue = string | number | boolean | null;

/** The custom fields that the records of a resource have now; undefined until they are known, and `fault` where they cannot be. */
export function useFormFields(resourceId: string): { fields?: readonly FormField[]; fault?: string } {
  const [answer, setAnswer] = useState<ReturnType<typeof useFormFields>>({});
  useEffect(() => {
    let isOpen = true;
    const tell = (told: typeof answer) => {
      if (isOpen) setAnswer(told);
    };
    new ApiClient()
      .resourceAction({ resourceId, actionName: 'fields' })
      .then(({ data }) => tell({ fields: (data as unknown as { fields: readonly FormField[] }).fields }))
      .catch((fault: Error) => tell({ fault: `The custom fields cannot be shown: ${fault.message}.` }));
    return () => {
      isOpen = false;
    };
  }, [resourceId]);
  return answer;
}

/** What a person reads of a field. */
export function fieldLabel({ name, label }: Pick<FormField, 'name' | 'label'>): string {
  return label ?? wordsOf(name);
}

/** The values by name that a record's parameter holds as JSON. */
export function fieldValues(parameter: unknown): Readonly<Record<string, FieldValue>> {
  return typeof parameter === 'string' && parameter !== '' ? JSON.parse(parameter) : {};
}
