import { defineErrors } from '#core';

/** What the scanner answers with when a rule of its own is against it. */
export const scannerErrors = defineErrors({
  scanEnded: { code: 'scan-ended', status: 409, title: 'The scan has ended' },
  nothingToScan: { code: 'nothing-to-scan', status: 422, title: 'No registered subnet is meant' },
  conflictResolved: { code: 'conflict-resolved', status: 409, title: 'The conflict is resolved already' },
  nothingToAccept: {
    code: 'nothing-to-accept',
    status: 409,
    title: 'What was observed cannot be taken over',
  },
  discoveryDecided: { code: 'discovery-decided', status: 409, title: 'The discovery is decided already' },
});
