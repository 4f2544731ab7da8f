import { mkdir } from 'node:fs/promises';
import { parseEnv } from '#config/env';
import { openRegister } from './register.ts';
import { startServer } from './core/server.ts';
import { ensureFirstAdmin } from './seeders/first-admin.ts';

const began = performance.now();
