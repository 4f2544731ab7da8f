import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { type TestCertificate, testCertificate } from '../testing/certificate.ts';
import { troubles } from '../testing/fixtures/troubles.ts';
import { keptLog, startTestRegister, type TestRegister } from '../testing/index.ts';
import { readCertificate } from './tls.ts';

describe('a server with a certificate', () => {
  let certificate: TestCertificate;
  let register: TestRegister;
  const { log, lines } = keptLog();
  before(async () => {
    certificate = await testCertificate('first');
    register = await startTestRegister([troubles], { tls: certificate, log });
  });
  after(async () => {
    await register.stop();
    await certificate.remove();
  });

  async function get(path: string): Promise<IncomingMessage> {
    const ca = await readFile(certificate.cert);
    return new Promise((resolve, reject) => {
      request(`${register.url}${path}`, { ca, agent: false }, (response) => resolve(response.resume()))
        .once('error', reject)
        .end();
    });
  }
  const handshake = (options: object) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const { port } = new URL(register.url);
      const socket = connect({
        port: Number(port),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...options,
      });
      socket.once('secureConnect', () => resolve(socket)).once('error', reject);
    });

  it('serves HTTPS alone, and tells browsers to come by it for a year', async () => {
    assert.match(register.url, /^https:/);
    const { statusCode, headers } = await get('/api/v1/troubles/database');
    assert.equal(statusCode, 200);
    assert.match(headers['strict-transport-security'] ?? '', /max-age=31536000/);
    await assert.rejects(fetch(register.url.replace('https:', 'http:')));
  });

  it('speaks TLS 1.3 and nothing older', async () => {
    const socket = await handshake({});
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    socket.destroy();
    await assert.rejects(handshake({ maxVersion: 'TLSv1.2' }), /protocol version|handshake/i);
  });

  it('takes up a renewed certificate without a new start, and keeps its own where the files are not right', async () => {
    const name = async () => {
      const socket = await handshake({});
      const { CN } = socket.getPeerCertificate().subject;
      const protocol = socket.getProtocol();
      socket.destroy();
      return `${CN} ${protocol}`;
    };
    assert.equal(await name(), 'first TLSv1.3');
    await certificate.renew('second');
    register.renewCertificate();
    assert.equal(await name(), 'second TLSv1.3');
    await writeFile(certificate.cert, 'half a certi');
    register.renewCertificate();
    assert.equal(await name(), 'second TLSv1.3');
    assert.match(JSON.stringify(lines), /is not renewed/);
    await certificate.renew('third');
    register.renewCertificate();
  });
});

describe('the files of a certificate', () => {
  let certificate: TestCertificate;
  let other: TestCertificate;
  before(async () => {
    [certificate, other] = await Promise.all([testCertificate(), testCertificate()]);
  });
  after(() => Promise.all([certificate.remove(), other.remove()]));

  it('are refused with what is wrong with which', () => {
    const { cert, key } = certificate;
    const refused = (files: { cert: string; key: string }, why: RegExp) =>
      assert.throws(() => readCertificate(files), why);
    assert.ok(readCertificate({ cert, key }).validTo > new Date());
    refused(
      { cert: '/nowhere/cert.pem', key },
      /^Error: TLS_CERT: the file \/nowhere\/cert\.pem cannot be read/,
    );
    refused(
      { cert, key: '/nowhere/key.pem' },
      /^Error: TLS_KEY: the file \/nowhere\/key\.pem cannot be read/,
    );
    refused({ cert: key, key }, /^Error: TLS_CERT: .* holds no certificate in PEM/);
    refused({ cert, key: cert }, /^Error: TLS_KEY: .* holds no private key in PEM/);
    refused({ cert, key: other.key }, /^Error: TLS_KEY: .*key\.pem is not the key of the certificate in/);
  });
});
