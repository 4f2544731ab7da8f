import { Button, Input } from '@adminjs/design-system';
import { useTranslation } from 'adminjs';
import React from 'react';
import { Brand } from './brand.tsx';
import { Themed } from './theme.tsx';

interface FormState {
  form?: 'login' | 'password' | 'reset';
  action: string;
  errorMessage?: string | null;
  token?: string;
}

/** What the server says to this page: which form it is, where to send it, and why the last try failed. Set after our script is read. */
const stateOf = () => (window as unknown as { __APP_STATE__?: FormState }).__APP_STATE__;

const Secret: React.FC<{ name: string; label: string; autoComplete: string; autoFocus?: boolean }> = ({
  name,
  label,
  ...rest
}) => (
  <>
    <label htmlFor={name}>{label}</label>
    <Input id={name} name={name} type="password" required {...rest} />
  </>
);

/** The page where people sign in, change their password, or choose one by a link that they were given. */
const Login: React.FC = () => {
  const { translateComponent, translateMessage } = useTranslation();
  const { form = 'login', action, errorMessage, token } = stateOf() ?? { action: undefined };
  const text = (key: string) => translateComponent(`Login.${key}`);
  return (
    <Themed>
      <main className="cad-login">
        <form action={action} method="POST">
          <h1 className="cad-brand">
            <Brand />
          </h1>
          <p>{text(form === 'login' ? 'welcomeMessage' : `${form}.message`)}</p>
          {errorMessage && (
            <div className="cad-alert" role="alert">
              {translateMessage(errorMessage)}
            </div>
          )}
          {form === 'login' && (
            <>
              <label htmlFor="email">{text('properties.email')}</label>
              <Input id="email" name="email" type="email" autoComplete="username" required autoFocus />
              <Secret name="password" label={text('properties.password')} autoComplete="current-password" />
            </>
          )}
          {form === 'password' && (
            <Secret
              name="currentPassword"
              label={text('password.currentPassword')}
              autoComplete="current-password"
              autoFocus
            />
          )}
          {/* The link carries its token behind the #, where no server and no log sees it. */}
          {form === 'reset' && (
            <input type="hidden" name="token" value={token ?? window.location.hash.slice(1)} />
          )}
          {form !== 'login' && (
            <>
              <Secret name="newPassword" label={text('password.newPassword')} autoComplete="new-password" />
              <Secret name="repeated" label={text('password.repeated')} autoComplete="new-password" />
            </>
          )}
          <Button variant="contained" type="submit">
            {text(form === 'login' ? 'loginButton' : 'password.button')}
          </Button>
        </form>
      </main>
    </Themed>
  );
};

export default Login;
