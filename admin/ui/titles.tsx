import { Text } from '@adminjs/design-system';
import React from 'react';

const inSight = 5;

/** The first of some records by their titles, and how many they are where that is not all. */
export function Titles({ records }: { records: readonly { title: string }[] }) {
  const titles = records.slice(0, inSight).map(({ title }) => title);
  return (
    <Text mb="lg">
      {titles.join(', ')}
      {records.length > inSight ? ` … (${records.length})` : ''}
    </Text>
  );
}
