import { Icon, Placeholder, TableCell, TableRow } from '@adminjs/design-system';
import {
  type ActionJSON,
  type ActionResponse,
  BasePropertyComponent,
  buildActionClickHandler,
  type RecordInListProps,
  useActionResponseHandler,
  useModal,
  useTranslation,
} from 'adminjs';
import React from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { extraOf } from './extras.ts';

/** What a click on a line must not be taken for: a link, a button or a box on it. */
const ownClicks = 'a, button, input';

/** A line of a list: a click opens it, the boxes and buttons on it say what they do. */
const RecordRow: React.FC<RecordInListProps> = (props) => {
  const { resource, record, actionPerformed, isLoading, onSelect, isSelected } = props;
  const navigate = useNavigate();
  const location = useLocation();
  const translateFunctions = useTranslation();
  const modalFunctions = useModal();
  const actionResponseHandler = useActionResponseHandler((answer: ActionResponse) =>
    actionPerformed?.(answer),
  );
  const { recordActions } = record;
  const states = extraOf(record, '$actions');

  const run = (action: ActionJSON) =>
    buildActionClickHandler({
      action,
      params: { resourceId: resource.id, recordId: record.id },
      actionResponseHandler,
      navigate,
      location,
      translateFunctions,
      modalFunctions,
    });
  const opens =
    recordActions.find(({ name }) => name === 'show') ?? recordActions.find(({ name }) => name === 'edit');
  const open = (event: React.MouseEvent) => {
    const selecting = window.getSelection()?.isCollapsed === false;
    if (opens && !selecting && !(event.target as Element).closest(ownClicks)) run(opens)(event);
  };

  return (
    <TableRow className={isSelected ? 'selected' : 'not-selected'} onClick={open} data-id={record.id}>
      <TableCell width={0}>
        {onSelect && record.bulkActions.length > 0 && (
          <input
            type="checkbox"
            className="cad-check"
            aria-label={`Select ${record.title}`}
            onChange={() => onSelect(record)}
            checked={isSelected === true}
          />
        )}
      </TableCell>
      {resource.listProperties.map((property) => (
        <TableCell
          key={property.propertyPath}
          data-property-name={property.propertyPath}
          display={property.isTitle ? 'table-cell' : ['none', 'none', 'table-cell']}
        >
          {isLoading ? (
            <Placeholder style={{ height: 14 }} />
          ) : (
            <BasePropertyComponent where="list" property={property} resource={resource} record={record} />
          )}
        </TableCell>
      ))}
      <TableCell className="cad-actions">
        {recordActions
          .filter(({ name, custom }) => name !== 'show' && !custom.isForeign)
          .map((action) => {
            const label = `${translateFunctions.translateAction(action.label, resource.id)} ${record.title}`;
            const off = states?.[action.name]?.off;
            return (
              <button
                key={action.name}
                type="button"
                className="cad-icon"
                aria-label={label}
                title={off ?? label}
                disabled={off !== undefined}
                onClick={run(action)}
              >
                <Icon icon={action.icon ?? 'MoreHorizontal'} />
              </button>
            );
          })}
      </TableCell>
    </TableRow>
  );
};

export default RecordRow;
