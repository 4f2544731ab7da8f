import { Icon, TableHead } from '@adminjs/design-system';
import { type BasePropertyJSON, type RecordsTableHeaderProps, useTranslation } from 'adminjs';
import React from 'react';
import { Link, useLocation } from 'react-router-dom';

interface HeadingProps {
  property: BasePropertyJSON;
  /** Undefined where the list is not sorted by this column. */
  direction: 'asc' | 'desc' | undefined;
}

/** The head of a list: names of the columns, by which it is sorted, and the box that selects all lines in sight. */
const TableHeader: React.FC<RecordsTableHeaderProps> = (props) => {
  const { properties, sortBy, direction, onSelectAll, selectedAll } = props;
  return (
    <TableHead>
      <tr>
        <th className="adminjs_TableCell" aria-label="Selection">
          {onSelectAll && (
            <input
              type="checkbox"
              className="cad-check"
              aria-label="Select all on this page"
              onChange={() => onSelectAll()}
              checked={selectedAll === true}
            />
          )}
        </th>
        {properties.map((property) => (
          <Heading
            key={property.propertyPath}
            property={property}
            direction={sortBy === property.propertyPath ? (direction ?? 'asc') : undefined}
          />
        ))}
        <th className="adminjs_TableCell" aria-label="Actions" />
      </tr>
    </TableHead>
  );
};

function Heading({ property, direction }: HeadingProps) {
  const { translateProperty } = useTranslation();
  const { search } = useLocation();
  const name = translateProperty(property.label, property.resourceId);
  const query = new URLSearchParams(search);
  query.set('sortBy', property.propertyPath);
  query.set('direction', direction === 'asc' ? 'desc' : 'asc');
  return (
    <th
      scope="col"
      className={`adminjs_TableCell${property.isTitle ? '' : ' cad-roomy'}`}
      aria-sort={direction && (direction === 'asc' ? 'ascending' : 'descending')}
    >
      {property.isSortable ? (
        <Link to={{ search: query.toString() }}>
          {name}
          {direction && <Icon icon={direction === 'asc' ? 'ChevronUp' : 'ChevronDown'} size={14} ml="sm" />}
        </Link>
      ) : (
        name
      )}
    </th>
  );
}

export default TableHeader;
