import { Box } from '@adminjs/design-system';
import { type ActionProps, RecordsTable, useQueryParams, useRecords, useSelectedRecords } from 'adminjs';
import React, { useEffect } from 'react';
import { Pager } from './pager.tsx';

/** The list of a resource: its lines, and below them where in the list they stand. */
const ListPage: React.FC<ActionProps> = ({ resource, setTag }) => {
  const { records, loading, direction, sortBy, page, total, fetchData, perPage } = useRecords(resource.id);
  const { selectedRecords, handleSelect, handleSelectAll, setSelectedRecords } = useSelectedRecords(records);
  const { storeParams } = useQueryParams();

  useEffect(() => setTag?.(String(total)), [total, setTag]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was selected on another page or list is not in sight
  useEffect(() => setSelectedRecords([]), [resource.id, records]);

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
