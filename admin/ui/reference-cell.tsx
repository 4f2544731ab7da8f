import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import { Nothing, recordPath, Titled } from './cell.tsx';

/** What a record refers to, by its title, which leads to it for whoever may see it; what is missing is a dash. */
const ReferenceCell: React.FC<BasePropertyProps> = (props) => {
  const { property, where } = props;
  const { translateProperty } = useTranslation();
  if (where !== 'show') return <Referred {...props} />;
  return (
    <ValueGroup label={translateProperty(property.label, property.resourceId)}>
      <Referred {...props} />
    </ValueGroup>
  );
};

function Referred({ property, record }: BasePropertyProps) {
  const id = record?.params[property.path];
  if (id === undefined || id === null || id === '') return <Nothing />;
  const referred = record?.populated[property.path];
  const title = referred ? titleAmong(referred, Object.values(record.populated)) : String(id);
  const opens = referred?.recordActions?.some(({ name }) => name === 'show') === true;
  const to = opens && property.reference ? recordPath(property.reference, String(id)) : undefined;
  return (
    <Titled to={to}>
      <span className="cad-clip" title={title}>
        {title}
      </span>
    </Titled>
  );
}

type Referred = BasePropertyProps['record'] & { title: string };

/** A title without what is told with it where the record refers to that as well: `eth0` beside its device. */
function titleAmong(
  { title, params }: Referred,
  others: readonly ({ title: string } | null | undefined)[],
): string {
  const beside = params.$beside;
  const isSaid = others.some((other) => other?.title === beside);
  return beside && isSaid ? title.slice(0, -` (${beside})`.length) : title;
}

export default ReferenceCell;
