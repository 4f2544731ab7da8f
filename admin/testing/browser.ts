import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** A real Chromium with a profile of its own, and all that went wrong in it. */
export interface TestBrowser {
  page: Page;
  /** Console errors, uncaught exceptions, CSP violations and requests to hosts other than the one under test. */
  troubles: string[];
  close(): Promise<void>;
}

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens Chromium on one origin. `answersExpected` are statuses that the test provokes: the console calls them errors too. */
export async function openBrowser(
  origin: string,
  options: { answersExpected?: readonly number[]; colorScheme?: 'light' | 'dark' } = {},
): Promise<TestBrowser> {
  const { answersExpected = [], colorScheme = 'light' } = options;
  const profile = await mkdtemp(join(tmpdir(), 'cadastre-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args,
    colorScheme,
    viewport: { width: 1280, height: 860 },
    timezoneId: 'Europe/Stockholm',
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && !/Content Security Policy/i.test(message.text())) return;
    const status = Number(/the server responded with a status of (\d+)/.exec(message.text())?.[1]);
    if (!answersExpected.includes(status)) troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (fault) => troubles.push(`exception: ${fault.message}`));
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin) troubles.push(`foreign request: ${request.url()}`);
  });
  page.setDefaultTimeout(15_000);
  return {
    page,
    troubles,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
