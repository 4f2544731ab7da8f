import { Box } from '@adminjs/design-system';
import { type ActionProps, RecordsTable, useQueryParams, useRecords, useSelectedRecords } from 'adminjs';
import React, { useEffect } from 'react';
import { useLocation } from 'react-router-dom';
import { Pager } from './pager.tsx';

/** The list of a resource: its lines, and below them where in the list they stand. */
const ListPage: React.FC<ActionProps> = ({ resource, setTag }) => {
  const { records, loading, direction, sortBy, page, total, fetchData, perPage } = useRecords(resource.id);
  const { selectedRecords, handleSelect, handleSelectAll, setSelectedRecords } = useSelectedRecords(records);
  const { search } = useLocation();
  const { storeParams } = useQueryParams();

  useEffect(() => setTag?.(String(total)), [total, setTag]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only new lines change what can be selected
  useEffect(() => {
    // What is being deleted or edited at the side stays selected; what was selected on another page is not in sight.
    const atWork = new Set(new URLSearchParams(search).get('recordIds')?.split(','));
    setSelectedRecords(records.filter(({ id }) => atWork.has(String(id))));
  }, [resource.id, records]);

  return (
    <Box variant="container" data-css={`${resource.id}-list-table-wrapper`} aria-busy={loading}>
      <RecordsTable
        resource={resource}
        records={records}
        actionPerformed={fetchData}
        onSelect={handleSelect}
        onSelectAll={handleSelectAll}
        selectedRecords={selectedRecords}
        direction={direction}
        {...(sortBy === undefined ? {} : { sortBy })}
        isLoading={loading}
      />
      <Pager
        page={page}
        perPage={perPage}
        total={total}
        shown={records.length}
        go={(next) => storeParams({ page: String(next) })}
      />
    </Box>
  );
};

export default ListPage;
