import { Icon } from '@adminjs/design-system';
import { useTranslation, ViewHelpers } from 'adminjs';
import React from 'react';
import { NavLink } from 'react-router-dom';

interface SidebarPagesProps {
  pages?: readonly { name: string; icon?: string }[];
}

/** The hand-made pages in the sidebar. */
const SidebarPages: React.FC<SidebarPagesProps> = ({ pages = [] }) => {
  const { translateLabel, translatePage } = useTranslation();
  if (pages.length === 0) return null;
  return (
    <nav className="cad-nav" aria-label={translateLabel('pages')}>
      <h2>{translateLabel('pages')}</h2>
      {pages.map(({ name, icon }) => (
        <NavLink key={name} to={new ViewHelpers().pageUrl(name)}>
          <Icon icon={icon ?? 'File'} />
          {translatePage(name)}
        </NavLink>
      ))}
    </nav>
  );
};

export default SidebarPages;
