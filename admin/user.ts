import type { Principal } from '#core';

/** Who is signed in to the panel: AdminJS's `currentAdmin`, which every action handler is given. */
export interface PanelUser {
  email: string;
  title: string;
  theme?: 'light' | 'dark';
  principal: Principal;
  requestId: string | undefined;
  address: string | undefined;
}
