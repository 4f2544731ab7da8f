import { defineErrors } from '#core';

/** What the rules of tags answer with. */
export const tagErrors = defineErrors({
  tagTaken: { code: 'tag-taken', status: 409, title: 'There is a tag of this name' },
  tagInUse: { code: 'tag-in-use', status: 409, title: 'Records carry the tag' },
});
