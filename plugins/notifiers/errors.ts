import { defineErrors } from '#core';

/** What the rules of notifiers answer with. */
export const notifierErrors = defineErrors({
  notifierTaken: { code: 'notifier-taken', status: 409, title: 'There is a notifier of this name' },
  notifierKindStays: { code: 'notifier-kind-stays', status: 409, title: 'A notifier stays of its kind' },
  notifierDisabled: { code: 'notifier-disabled', status: 409, title: 'The notifier is disabled' },
});
