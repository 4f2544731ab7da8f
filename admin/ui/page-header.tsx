import { type ActionHeaderProps, useTranslation } from 'adminjs';
import React, { useEffect } from 'react';
import { totalText } from './total.tsx';

interface PageHeaderProps extends ActionHeaderProps {
  OriginalComponent: React.ComponentType<ActionHeaderProps>;
}

/** AdminJS's header of a page: it and the browser's tab name the record, and a list's length reads as a number. */
const PageHeader: React.FC<PageHeaderProps> = ({ OriginalComponent, ...props }) => {
  const { resource, action, record, tag } = props;
  const { translateAction, translateLabel } = useTranslation();
  const listed = action.name === 'list' && tag ? totalText(Number(tag)) : tag;
  const named = record?.title ?? listed;
  const page =
    action.name === 'list'
      ? translateLabel(resource.name, resource.id)
      : translateAction(action.label, resource.id);
  const title = record ? `${record.title} · ${page}` : page;
  useEffect(() => {
    document.title = `${title} · Cadastre`;
  }, [title]);
  // The page itself has the buttons of plugins, with what each does.
  const own = record && {
    ...record,
    recordActions: record.recordActions.filter(({ custom }) => !custom.isOwn),
  };
  return (
    <OriginalComponent {...props} {...(named ? { tag: named } : {})} {...(own ? { record: own } : {})} />
  );
};

export default PageHeader;
