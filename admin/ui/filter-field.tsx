import { FormGroup, Input } from '@adminjs/design-system';
import { type FilterPropertyProps, PropertyLabel } from 'adminjs';
import React from 'react';
import { Choices } from './choices.tsx';
import { isoOf, localOf } from './local-time.tsx';

type Filtered = Pick<FilterPropertyProps, 'property' | 'filter' | 'onChange'>;
type Change = React.ChangeEvent<HTMLInputElement>;
const yesNo = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** The field of one filter: text, one of a few words, yes or no, or the ends of a span of time. */
const FilterField: React.FC<FilterPropertyProps> = ({ property, filter, onChange }) => {
  const filtered: Filtered = { property, filter, onChange };
  const { path, type } = property;
  const timed = type === 'datetime' || type === 'date';
  return (
    <FormGroup className="cad-field" variant="filter">
      {timed ? (
        <fieldset>
          <PropertyLabel property={property} filter props={{ htmlFor: `filter-${path}~~from` }} />
          <End {...filtered} end="from" />
          <End {...filtered} end="to" />
        </fieldset>
      ) : (
        <>
          <PropertyLabel property={property} filter />
          <OneValue {...filtered} />
        </>
      )}
    </FormGroup>
  );
};

function OneValue({ property, filter, onChange }: Filtered) {
  const { path } = property;
  const value = String(filter[path] ?? '');
  const choices = property.type === 'boolean' ? yesNo : property.availableValues;
  const input = { id: `filter-${path}`, name: `filter-${path}` };
  if (choices) {
    return (
      <Choices
        input={input}
        choices={choices}
        value={value}
        none="Any"
        choose={(chosen) => onChange(path, chosen)}
      />
    );
  }
  return <Input {...input} value={value} onChange={(event: Change) => onChange(path, event.target.value)} />;
}

function End({ property, filter, onChange, end }: Filtered & { end: 'from' | 'to' }) {
  const key = `${property.path}~~${end}`;
  const daily = property.type === 'date';
  const value = String(filter[key] ?? '');
  return (
    <>
      <label className="cad-hint" htmlFor={`filter-${key}`}>
        {end === 'from' ? 'From' : 'To'}
      </label>
      <Input
        id={`filter-${key}`}
        type={daily ? 'date' : 'datetime-local'}
        value={daily ? value.slice(0, 10) : localOf(value)}
        onChange={(event: Change) => onChange(key, daily ? event.target.value : isoOf(event.target.value))}
      />
    </>
  );
}

export default FilterField;
