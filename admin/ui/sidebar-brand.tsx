import { ViewHelpers } from 'adminjs';
import React from 'react';
import { Link } from 'react-router-dom';
import { Brand } from './brand.tsx';

/** The top of the sidebar: leads to the dashboard. */
const SidebarBrand: React.FC = () => (
  <Link className="cad-brand cad-brand--side" to={new ViewHelpers().dashboardUrl()}>
    <Brand />
  </Link>
);

export default SidebarBrand;
