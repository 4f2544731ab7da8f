import { workUntilTold } from '#core/testing';
import { scanner } from '../index.ts';

// A worker of scans in a process of its own.
await workUntilTold([scanner]);
