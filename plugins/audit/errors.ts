import { defineErrors } from '#core';

/** What taking back a change answers with. */
export const auditErrors = defineErrors({
  changedSince: { code: 'changed-since', status: 409, title: 'Something has changed since' },
  notRevertible: { code: 'not-revertible', status: 409, title: 'The change cannot be taken back' },
});
