import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that vouches for itself, for 127.0.0.1 and localhost, in files of its own. */
export interface TestCertificate {
  cert: string;
  key: string;
  /** Puts another certificate of this name in the same files. */
  renew(name: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes one with openssl. */
export async function testCertificate(name = 'localhost'): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'cadastre-tls-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const extension = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  async function renew(subject: string): Promise<void> {
    const files = ['-keyout', key, '-out', cert];
    await promisify(execFile)('openssl', [...kind, ...extension, '-subj', `/CN=${subject}`, ...files]);
  }
  await renew(name);
  return { cert, key, renew, remove: () => rm(folder, { recursive: true }) };
}
