import assert from 'node:assert/strict';
import { Hosts, pluginOf } from '../testing/hosts.ts';
import { startTestRegister } from '../testing/index.ts';
import { keptLog } from '../testing/log.ts';
import type { Metric } from './metric.ts';

/** Serves a plugin with these metrics, and scrapes it. */
async function scraping(
  metrics: Record<string, Metric>,
  options: Parameters<typeof startTestRegister>[1] = {},
) {
  const { log, lines } = keptLog('warn');
  const register = await startTestRegister([pluginOf('books', { metrics: () => metrics })], {
    log,
    ...options,
  });
  const scrape = (headers: Record<string, string> = {}) => fetch(`${register.url}/metrics`, { headers });
  /** The lines about Cadastre alone. */
  const figures = async () =>
    (await (await scrape()).text())
      .split('\n')
      .filter((line) => line.startsWith('cadastre_') && !line.includes('_state{'));
  return { register, lines, scrape, figures };
}

describe('GET /metrics', () => {
  it("shows Node's own, every plugin's state, and what plugins bring", async () => {
    const { register, scrape } = await scraping({
      cadastre_books: {
        help: 'Books on a shelf.',
        labels: ['shelf'],
        read: () => [{ labels: { shelf: 'A' }, value: 3 }],
      },
      cadastre_lent_total: { help: 'Books lent.', type: 'counter', read: async () => 12 },
    });
    const answer = await scrape();
    const text = await answer.text();
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers.get('content-type')), /^text\/plain; version=0\.0\.4/);
    for (const line of [
      '# HELP cadastre_books Books on a shelf.',
      '# TYPE cadastre_books gauge',
      'cadastre_books{shelf="A"} 3',
      '# TYPE cadastre_lent_total counter',
      'cadastre_lent_total 12',
      'cadastre_plugin_state{plugin="books",state="running"} 1',
      'cadastre_plugin_state{plugin="books",state="degraded"} 0',
    ]) {
      assert.ok(text.split('\n').includes(line), line);
    }
    assert.match(text, /^process_resident_memory_bytes \d/m);
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
    await register.stop();
  });

  it('reads anew at each scrape', async () => {
    let books = 0;
    const { register, figures } = await scraping({
      cadastre_books: { help: 'Books.', read: () => (books += 1) },
      cadastre_books_total: { help: 'Books.', type: 'counter', read: () => books },
    });
    await figures();
    assert.deepEqual(await figures(), ['cadastre_books 2', 'cadastre_books_total 2']);
    await register.stop();
  });

  it('leaves out what cannot be read, says so in the log, and shows the rest', async () => {
    const { register, figures, lines } = await scraping({
      cadastre_broken: {
        help: 'Throws at once.',
        read: () => {
          throw new Error('no catalogue');
        },
      },
      cadastre_rejected: { help: 'Rejects.', read: () => Promise.reject(new Error('away')) },
      cadastre_hanging: { help: 'Hangs.', read: () => new Promise(() => undefined) },
      cadastre_mislabelled: { help: 'Has a label.', read: () => [{ labels: { shelf: 'A' }, value: 1 }] },
      cadastre_words: { help: 'No number.', read: () => [{ labels: {}, value: 'many' as never }] },
      cadastre_shrinking_total: { help: 'Below zero.', type: 'counter', read: () => -1 },
      cadastre_books: { help: 'Books.', read: () => 7 },
    });
    const began = performance.now();
    assert.deepEqual(await figures(), ['cadastre_books 7']);
    assert.ok(performance.now() - began < 3_000);
    const told = lines.map(({ metric }) => metric).sort();
    assert.deepEqual(told, [
      'cadastre_broken',
      'cadastre_hanging',
      'cadastre_mislabelled',
      'cadastre_rejected',
      'cadastre_shrinking_total',
      'cadastre_words',
    ]);
    await register.stop();
  });

  it('reads a slow figure once for all who ask meanwhile', async () => {
    let reads = 0;
    const { register, figures } = await scraping({
      cadastre_books: {
        help: 'Books.',
        read: async () => {
          reads += 1;
          await new Promise((resolve) => setTimeout(resolve, 100));
          return reads;
        },
      },
    });
    await Promise.all([figures(), figures(), figures()]);
    assert.equal(reads, 1);
    await register.stop();
  });

  it('asks for its token where there is one', async () => {
    const metricsToken = 'a token for prometheus';
    const { register, scrape } = await scraping({}, { metricsToken: metricsToken.replaceAll(' ', '-') });
    for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic a-token-for-prometheus']) {
      const answer = await scrape({ authorization });
      assert.equal(answer.status, 401, authorization);
      assert.match(String(answer.headers.get('www-authenticate')), /^Bearer/);
      assert.equal((await answer.json()).type, 'urn:cadastre:error:not-authenticated');
    }
    assert.equal((await scrape({ authorization: 'Bearer a-token-for-prometheus' })).status, 200);
    await register.stop();
  });
});

describe('the metrics of a third party', () => {
  const hosts = new Hosts();
  before(hosts.open);
  after(hosts.close);

  it('are gone with it when it is set aside', async () => {
    const host = await hosts.boot(
      [],
      [
        pluginOf('one', {
          metrics: () => ({ cadastre_a: { help: 'A.', read: () => 1 }, bad: { help: '', read: () => 1 } }),
        }),
      ],
    );
    assert.equal(host.registry.metrics.has('cadastre_a'), false);
    assert.match(String(host.registry.plugins[0]?.why), /^metrics: one: the metric name "bad"/);
  });
});
