import { z } from 'zod';

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** The plugin's settings. */
export const notifiersConfig = z.object({
  allowPrivate: z
    .stringbool({ truthy: ['1', 'true', 'yes', 'on'], falsy: ['0', 'false', 'no', 'off'] })
    .optional()
    .describe(
      'whether webhooks may lead to this host and to private addresses; when unset, everywhere but in production',
    ),
  smtpUrl: z
    .url({ protocol: /^smtps?$/, error: 'It must be smtp://user:password@host:587 or smtps://host' })
    .optional()
    .describe('SMTP server that sends e-mail, smtp://user:password@host:587; none is sent when unset'),
  from: z.email().optional().describe('address that e-mail comes from'),
  attempts: whole(1, 50).default(8).describe('how often a notification is tried'),
  retrySeconds: whole(1, 3_600)
    .default(15)
    .describe('pause before the second attempt; it doubles with each, up to an hour'),
  giveUpHours: whole(1, 720).default(24).describe('age at which a notification is not tried any more'),
  retentionDays: whole(1, 3_650).default(30).describe('how long deliveries that have ended are kept'),
});
export type NotifiersConfig = z.output<typeof notifiersConfig>;
