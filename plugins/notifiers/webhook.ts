import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';
import { type Answer, type Notification, type NotifierKind, notifierKind } from './kinds.ts';
import { reachOf } from './reach.ts';

/** Milliseconds for an answer, from the look-up of the name on. */
const patience = 10_000;
/** The most of an answer that is read, in bytes, before the connection is cut: what it says beyond its status is not of interest. */
const mostRead = 65_536;
const hour = 3_600_000;

const settings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'It must be the URL of a receiver, https://… or http://…' })
    .max(2_000)
    .refine(
      (url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '',
      'A URL is shown to whoever reads notifiers: it must have no password; have the receiver check the signature instead',
    ),
  secret: z
    .string()
    .min(8)
    .max(500)
    .optional()
    .meta({ description: 'Signs what is sent, so that the receiver knows that it is from here.' }),
});

/** An address that nothing may be sent to. */
class Forbidden extends Error {}

/** Says why nothing may be sent to an address; undefined where it may. */
function refusalOf(address: string, allowPrivate: boolean): string | undefined {
  const reach = reachOf(address);
  if (reach === 'forbidden')
    return `${address} is link-local, a metadata service or no host, where nothing is sent`;
  if (reach === 'public' || allowPrivate) return undefined;
  return `${address} is this host or a private address, and CADASTRE_NOTIFIERS_ALLOW_PRIVATE is off`;
}

/** Looks a name up and answers addresses that may be connected to: those it answers are those connected to, so that none is exchanged. */
function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (name, options, answer) => {
    lookup(name, { ...options, all: true }, (fault, found) => {
      const [first] = found ?? [];
      if (fault || !first) return answer(fault ?? new Error(`${name} has no address`), '', 0);
      const refusal = found.map(({ address }) => refusalOf(address, allowPrivate)).find(Boolean);
      if (refusal) return answer(new Forbidden(refusal), '', 0);
      return options.all ? answer(null, found) : answer(null, first.address, first.family);
    });
  };
}

/** The signature of a body sent at a time, in seconds since 1970: HMAC-SHA256 (RFC 2104) of both, hexadecimal. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

interface Received {
  status: number;
  retryAfter: string | undefined;
}

/** Sends a POST and answers the status; follows nothing, reads little, and throws where there is no answer. */
function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  { allowPrivate, signal }: { allowPrivate: boolean; signal: AbortSignal },
): Promise<Received> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const refusal = isIP(host) === 0 ? undefined : refusalOf(host, allowPrivate);
  if (refusal) return Promise.reject(new Forbidden(refusal));
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      // One connection for each: what is kept open was checked for another.
      agent: false,
      lookup: guardedLookup(allowPrivate),
      signal,
    });
    // It may fail once more after it was answered, or cut off.
    sent.on('error', reject);
    sent.once('response', (response) => {
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > mostRead) response.destroy();
      });
      // It has spoken: what comes after its status, or does not, changes nothing.
      response.on('error', () => undefined);
      response.once('close', () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }),
      );
    });
    sent.end(body);
  });
}

/** Milliseconds of a `Retry-After` (RFC 9110), at most an hour. */
function pauseOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(asked) ? undefined : Math.min(hour, Math.max(0, asked));
}

/** What a status means: a receiver that is busy or broken is asked again, one that refuses is not. */
function answerOf({ status, retryAfter }: Received): Answer {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status };
  if (status === 410)
    return { outcome: 'refused', status, isGone: true, say: 'The receiver wants nothing any more (410).' };
  if (status >= 500 || [408, 425, 429].includes(status)) {
    const after = pauseOf(retryAfter);
    const say = `The receiver answered ${status}.`;
    return { outcome: 'later', status, say, ...(after === undefined ? {} : { after }) };
  }
  const say =
    status >= 300 && status < 400
      ? `The receiver answered ${status}: redirects are not followed; give the URL that it leads to.`
      : `The receiver refused it with ${status}.`;
  return { outcome: 'refused', status, say };
}

/** What is sent of a notification. */
function messageOf({ delivery, event, summary, at, actor, changeId, data }: Notification) {
  return { id: delivery, event, at, summary, actor, changeId, data };
}

/** Makes the kind that POSTs JSON, signed where it has a secret. */
export function webhook(allowPrivate: boolean): NotifierKind {
  return notifierKind({
    name: 'webhook',
    summary: 'POSTs JSON to a URL, signed.',
    settings,
    secrets: ['secret'],
    async send(notification, { url, secret }, signal) {
      const body = JSON.stringify(messageOf(notification));
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Cadastre',
        'x-cadastre-event': notification.event,
        'x-cadastre-delivery': String(notification.delivery),
        'x-cadastre-timestamp': timestamp,
        ...(secret === undefined
          ? {}
          : { 'x-cadastre-signature': `sha256=${signatureOf(secret, timestamp, body)}` }),
      };
      const timeout = AbortSignal.timeout(patience);
      try {
        const either = AbortSignal.any([signal, timeout]);
        return answerOf(await post(new URL(url), headers, body, { allowPrivate, signal: either }));
      } catch (fault) {
        if (fault instanceof Forbidden) return { outcome: 'refused', say: `${fault.message}.` };
        if (timeout.aborted)
          return { outcome: 'later', say: `There was no answer within ${patience / 1_000} s.` };
        throw fault;
      }
    },
  });
}
