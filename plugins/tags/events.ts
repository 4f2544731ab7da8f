import { z } from 'zod';

const tag = z.object({ id: z.int(), name: z.string() });

/** What this plugin announces. Records that a tag was renamed on, or taken off, announce nothing of their own. */
export const tagEvents = {
  'tag.created': tag,
  'tag.updated': tag.extend({ formerName: z.string() }),
  'tag.deleted': tag,
};
