import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useResource, useTranslation } from 'adminjs';
import React from 'react';
import { Link } from 'react-router-dom';
import type { Related } from '../resource/related.ts';
import { inSentence } from '../words.ts';
import { listPath } from './cell.tsx';

/** The lists of what refers to a record, for whoever may see them. */
const RelatedCell: React.FC<BasePropertyProps> = ({ property, record }) => {
  const lists: readonly Related[] = property.custom.lists;
  return (
    <ValueGroup label="What belongs to it">
      <span className="cad-related">
        {record && lists.map((list) => <Lead key={list.resource + list.column} {...list} id={record.id} />)}
      </span>
    </ValueGroup>
  );
};

function Lead({ resource, column, isPlain, id }: Related & { id: string }) {
  const { translateLabel, translateProperty } = useTranslation();
  const list = useResource(resource);
  if (!list?.href) return null;
  const by = isPlain ? '' : ` (as ${inSentence(translateProperty(column, resource))})`;
  const filter = new URLSearchParams({ [`filters.${column}`]: id });
  return (
    <Link className="cad-link" to={`${listPath(resource)}?${filter}`}>
      {`${translateLabel(list.name, resource)}${by}`}
    </Link>
  );
}

export default RelatedCell;
