import { Input } from '@adminjs/design-system';
import React from 'react';
import { capitalized } from '../words.ts';
import type { FieldInput } from './field.tsx';

interface ChoicesProps {
  input: Partial<FieldInput>;
  choices: readonly { value: string | number; label?: string }[];
  value: string;
  /** What the empty choice says; left out, there is none. */
  none?: string | undefined;
  /** The words are somebody's own, and stand as they are. */
  isVerbatim?: boolean;
  choose(value: string): void;
}

/** One of a few words: the browser's own list, which every keyboard and screen reader knows. */
export function Choices({ input, choices, value, none, isVerbatim = false, choose }: ChoicesProps) {
  return (
    <Input
      as="select"
      {...input}
      value={value}
      onChange={(event: React.ChangeEvent<HTMLSelectElement>) => choose(event.target.value)}
    >
      {none !== undefined && <option value="">{none}</option>}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {isVerbatim ? choice.value : capitalized(choice.label ?? String(choice.value))}
        </option>
      ))}
    </Input>
  );
}
