import { FormGroup, SelectAsync } from '@adminjs/design-system';
import { ApiClient, type FilterPropertyProps, PropertyLabel } from 'adminjs';
import React, { useEffect, useState } from 'react';

interface Choice {
  value: string;
  label: string;
}

/** The filter of a reference: search by title; a link with a filter in it names the record that it asks for. */
const ReferenceFilter: React.FC<FilterPropertyProps> = ({ property, filter, onChange }) => {
  const { path, reference } = property;
  const resourceId = String(reference);
  const wanted = String(filter[path] ?? '');
  const [chosen, setChosen] = useState<Choice>();

  useEffect(() => {
    if (wanted === '' || chosen?.value === wanted) return;
    new ApiClient()
      .recordAction({ resourceId, recordId: wanted, actionName: 'show' })
      .then(({ data }) => setChosen({ value: wanted, label: data.record?.title || wanted }))
      .catch(() => setChosen({ value: wanted, label: wanted }));
  }, [resourceId, wanted, chosen]);

  async function search(query: string): Promise<Choice[]> {
    const records = await new ApiClient().searchRecords({ resourceId, query });
    return records.map(({ id, title }) => ({ value: String(id), label: title }));
  }

  function choose(choice: Choice | null) {
    setChosen(choice ?? undefined);
    onChange(path, choice?.value ?? '');
  }

  return (
    <FormGroup className="cad-field" variant="filter">
      <PropertyLabel property={property} filter />
      <SelectAsync
        variant="filter"
        inputId={`filter-${path}`}
        classNamePrefix="select"
        value={wanted === '' ? '' : (chosen ?? { value: wanted, label: wanted })}
        isClearable
        cacheOptions
        defaultOptions
        loadOptions={search}
        onChange={choose as never}
      />
    </FormGroup>
  );
};

export default ReferenceFilter;
