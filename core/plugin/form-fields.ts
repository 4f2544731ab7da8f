import type { CustomValue } from '../resource/common.ts';
import { extensionPoint } from './extension.ts';

/** One of the values of a record's custom fields, as a form asks for it. */
export interface FormField {
  readonly name: string;
  /** What a person reads instead of the name; null: the name, taken apart. */
  readonly label: string | null;
  readonly hint: string | null;
  readonly type: 'text' | 'number' | 'boolean' | 'date' | 'select' | 'url' | 'cidr';
  readonly required: boolean;
  /** What a new record has where nothing is said. */
  readonly initial: CustomValue | null;
  /** Of a select. */
  readonly options: readonly string[];
}

/** Answers the custom fields of the records in a table, in the order in which a form has them. */
export type FormFields = (table: string) => Promise<readonly FormField[]>;

/** Filled by the plugin that knows which custom fields there are; the panel asks it for each form, so that none is out of date. */
export const formFields = extensionPoint<FormFields>('panel.fields');
