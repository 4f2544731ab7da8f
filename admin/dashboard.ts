import { type CardContent, type DashboardCard, dashboardCards, type PanelKernel, Problem } from '#core';
import type { PanelUser } from './user.ts';

/** A card as the page gets it: with its content, or with why there is none. */
export type ShownCard = Pick<DashboardCard, 'title' | 'width'> &
  ({ content: CardContent; error?: never } | { content?: never; error: string });

/** What the dashboard's page asks for. */
export interface DashboardReply {
  cards: readonly ShownCard[];
}

type Handler = (
  request: unknown,
  response: unknown,
  context: { currentAdmin?: unknown },
) => Promise<DashboardReply>;

interface Timing {
  /** Milliseconds for which what a card loaded is shown to whoever asks. */
  keep?: number;
  /** Milliseconds after which a card that has not loaded is given up. */
  patience?: number;
}

/** The state of every plugin; for admins alone, since it tells of faults. */
function pluginHealth({ registry }: PanelKernel): CardContent {
  return {
    kind: 'table',
    columns: [
      { key: 'name', label: 'Plugin' },
      { key: 'version', label: 'Version' },
      { key: 'state', label: 'State', as: 'status' },
      { key: 'why', label: 'Why' },
    ],
    rows: registry.plugins.map(({ name, version, state, why }) => ({ cells: { name, version, state, why } })),
    empty: 'No plugin is installed.',
  };
}

/** Makes the dashboard's handler: every card that the person may see, side by side; one that fails says so alone. */
export function createDashboard(
  kernel: PanelKernel,
  { keep = 15_000, patience = 10_000 }: Timing = {},
): Handler {
  const kept = new Map<DashboardCard, { until: number; content: Promise<CardContent> }>();

  function contentOf(card: DashboardCard): Promise<CardContent> {
    const before = kept.get(card);
    if (before && performance.now() < before.until) return before.content;
    const content = inTime(card, patience);
    const entry = { until: performance.now() + keep, content };
    kept.set(card, entry);
    // A failure is not kept: whoever looks again has it tried again.
    content.catch(() => {
      if (kept.get(card) === entry) kept.delete(card);
    });
    return content;
  }

  async function shown(card: DashboardCard): Promise<ShownCard> {
    const { title, width } = card;
    try {
      return { title, width, content: await contentOf(card) };
    } catch (fault) {
      kernel.log.error({ err: fault, card: title }, 'a card of the dashboard could not be loaded');
      const why = fault instanceof Problem ? fault.message : 'The server log says why.';
      return { title, width, error: `This could not be loaded. ${why}` };
    }
  }

  return async (_request, _response, { currentAdmin }) => {
    const user = currentAdmin as PanelUser | undefined;
    if (!user) return { cards: [] };
    const seen = kernel
      .extensions(dashboardCards)
      .filter(({ permission }) => kernel.permissions.allows(user.principal, permission));
    const cards = [...new Map(seen.map((card) => [card.title, card])).values()];
    const own: ShownCard[] =
      user.principal.role === 'admin'
        ? [{ title: 'Plugins', width: 'full', content: pluginHealth(kernel) }]
        : [];
    return { cards: [...(await Promise.all(cards.map(shown))), ...own] };
  };
}

async function inTime({ load }: DashboardCard, patience: number): Promise<CardContent> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fault = new Error(`It took longer than ${patience / 1000} seconds.`);
    timer = setTimeout(() => reject(fault), patience);
  });
  try {
    return await Promise.race([load(), late]);
  } finally {
    clearTimeout(timer);
  }
}
