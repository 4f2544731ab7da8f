import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { NotifiersConfig } from './config.ts';
import { type Notification, type NotifierKind, notifierKind } from './kinds.ts';

/** Milliseconds for each step of a conversation with the server. */
const patience = 10_000;

const settings = z.strictObject({
  to: z
    .array(z.email())
    .min(1)
    .max(50)
    .refine((to) => new Set(to).size === to.length, 'An address is given twice')
    .meta({ description: 'E-mail addresses, which all see each other.' }),
});

/** One line: what would begin another header is not let into one. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

function textOf({ summary, event, delivery, at, actor, changeId, data }: Notification): string {
  const facts = Object.entries({ event, at, by: actor, change: changeId, delivery, ...data });
  const lines = facts.map(
    ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return `${summary}\n\n${lines.join('\n')}\n`;
}

/** Makes the kind that sends e-mail through the configured server. */
export function email({ smtpUrl, from }: Pick<NotifiersConfig, 'smtpUrl' | 'from'>): NotifierKind {
  return notifierKind({
    name: 'email',
    summary: 'Sends e-mail.',
    settings,
    unusable() {
      const missing = [
        ...(smtpUrl === undefined ? ['CADASTRE_NOTIFIERS_SMTP_URL'] : []),
        ...(from === undefined ? ['CADASTRE_NOTIFIERS_FROM'] : []),
      ];
      return missing.length === 0 ? undefined : `Set ${missing.join(' and ')} first.`;
    },
    async send(notification, { to }, signal) {
      const transport = createTransport({
        url: smtpUrl ?? '',
        dnsTimeout: patience,
        connectionTimeout: patience,
        greetingTimeout: patience,
        socketTimeout: patience,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        const { event, delivery, title, summary } = notification;
        const { rejected } = await transport.sendMail({
          from: { name: 'Cadastre', address: from ?? '' },
          to: to.map((address) => ({ name: '', address })),
          subject: oneLine(`${title}: ${summary}`).slice(0, 200),
          text: textOf(notification),
          messageId: `<delivery-${delivery}.cadastre@${from?.split('@')[1]}>`,
          headers: {
            'X-Cadastre-Event': oneLine(event),
            'X-Cadastre-Delivery': String(delivery),
            'Auto-Submitted': 'auto-generated',
          },
          signal,
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        // Once some have it, it is not sent to all again.
        const say = `The server refused ${rejected.join(', ')}.`;
        return { outcome: 'delivered', ...(rejected.length > 0 ? { say } : {}) };
      } catch (fault) {
        const { responseCode: status } = fault as { responseCode?: number };
        const say = (fault as Error).message;
        if (status !== undefined && status >= 500) return { outcome: 'refused', status, say };
        return { outcome: 'later', say, ...(status === undefined ? {} : { status }) };
      } finally {
        transport.close();
      }
    },
  });
}
