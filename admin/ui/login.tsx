import { Button, Input } from '@adminjs/design-system';
import { useTranslation } from 'adminjs';
import React from 'react';
import { Brand } from './brand.tsx';
import { Themed } from './theme.tsx';

interface LoginState {
  action: string;
  errorMessage?: string | null;
}

/** What the server says to this page: where to send the form, and why the last try failed. */
const state = (window as unknown as { __APP_STATE__?: LoginState }).__APP_STATE__;

/** The page where people sign in. */
const Login: React.FC = () => {
  const { translateComponent, translateMessage } = useTranslation();
  const message = state?.errorMessage;
  return (
    <Themed>
      <main className="cad-login">
        <form action={state?.action} method="POST">
          <h1 className="cad-brand">
            <Brand />
          </h1>
          <p>{translateComponent('Login.welcomeMessage')}</p>
          {message && (
            <div className="cad-alert" role="alert">
              {translateMessage(message)}
            </div>
          )}
          <label htmlFor="email">{translateComponent('Login.properties.email')}</label>
          <Input id="email" name="email" type="email" autoComplete="username" required autoFocus />
          <label htmlFor="password">{translateComponent('Login.properties.password')}</label>
          <Input id="password" name="password" type="password" autoComplete="current-password" required />
          <Button variant="contained" type="submit">
            {translateComponent('Login.loginButton')}
          </Button>
        </form>
      </main>
    </Themed>
  );
};

export default Login;
