import { Icon } from '@adminjs/design-system';
import { type ResourceJSON, useTranslation, ViewHelpers } from 'adminjs';
import React from 'react';
import { NavLink } from 'react-router-dom';

interface Group {
  name: string;
  members: ResourceJSON[];
}

/** Resources that may be seen, under the names of their groups, both in the order they come in. */
function grouped(resources: readonly ResourceJSON[]): Group[] {
  const groups = new Map<string, Group>();
  for (const resource of resources) {
    if (!resource.href || resource.navigation?.show === false) continue;
    const name = resource.navigation?.name ?? '';
    const group = groups.get(name) ?? { name, members: [] };
    group.members.push(resource);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** The lists in the sidebar, all in sight: nothing to fold open first. */
const SidebarNav: React.FC<{ resources: ResourceJSON[] }> = ({ resources }) => {
  const { translateLabel } = useTranslation();
  return (
    <nav className="cad-nav" aria-label={translateLabel('navigation')}>
      <NavLink to={new ViewHelpers().dashboardUrl()} end>
        <Icon icon="Home" />
        {translateLabel('dashboard')}
      </NavLink>
      {grouped(resources).map(({ name, members }) => (
        <section key={name} aria-label={translateLabel(name)}>
          <h2>{translateLabel(name)}</h2>
          {members.map(({ id, name: resource, href, navigation }) => (
            <NavLink key={id} to={String(href)}>
              <Icon icon={navigation?.icon ?? 'Archive'} />
              {translateLabel(resource, id)}
            </NavLink>
          ))}
        </section>
      ))}
    </nav>
  );
};

export default SidebarNav;
