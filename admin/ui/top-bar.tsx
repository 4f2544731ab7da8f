import { Icon } from '@adminjs/design-system';
import { useCurrentAdmin, useTranslation } from 'adminjs';
import React from 'react';
import { SearchBox } from './search-box.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

const { paths, pages = [] } = (
  window as unknown as {
    REDUX_STATE: { paths: { rootPath: string; logoutPath: string }; pages?: readonly { name: string }[] };
  }
).REDUX_STATE;
const canSearch = pages.some(({ name }) => name === 'search');

/** The bar above every page: the menu on small screens, the search box where a plugin searches, the theme, who is signed in, and the way out. */
const TopBar: React.FC<{ toggleSidebar(): void }> = ({ toggleSidebar }) => {
  const [user] = useCurrentAdmin();
  const { translateButton } = useTranslation();
  return (
    <header className="cad-top">
      <button
        type="button"
        className="cad-icon cad-top__menu"
        aria-label="Menu"
        title="Menu"
        onClick={toggleSidebar}
      >
        <Icon icon="Menu" size={20} />
      </button>
      {user && canSearch && <SearchBox />}
      <div className="cad-top__who">
        {user && (
          <>
            <a href={`${paths.rootPath}/password`} title={translateButton('changePassword')}>
              {user.email}
            </a>
            <small>{user.title}</small>
          </>
        )}
      </div>
      <ThemeSwitch />
      {user && (
        <form action={paths.logoutPath} method="POST">
          <button type="submit" className="cad-icon">
            <Icon icon="LogOut" size={18} />
            {translateButton('logout')}
          </button>
        </form>
      )}
    </header>
  );
};

export default TopBar;
