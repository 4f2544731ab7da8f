import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { loadTokenKey, secretOf, tokenRules } from './tokens.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject) =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();

describe('access tokens signed with an RSA key', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([], { tokenKey: pair.privateKey });
  });
  after(() => register.stop());

  const look = async (token: string) => (await register.withToken(token).get('/plugins')).status;
  const { issuer, audience } = tokenRules;
  const claims = { role: 'admin' };
  const options = { issuer, audience, subject: 'test:admin', expiresIn: 60 } as const;

  it('are RS256, and believed', async () => {
    assert.equal((await register.as('admin').get('/plugins')).status, 200);
    assert.equal(await look(jwt.sign(claims, pair.privateKey, { ...options, algorithm: 'RS256' })), 200);
  });

  it('are refused under any other algorithm: the public key is no secret to sign with', async () => {
    const published = pem(pair.publicKey);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = {
      'HS256 with the public key': jwt.sign(claims, createSecretKey(Buffer.from(published)), {
        ...options,
        algorithm: 'HS256',
      }),
      'HS256 with its DER': jwt.sign(
        claims,
        createSecretKey(pair.publicKey.export({ type: 'spki', format: 'der' })),
        { ...options, algorithm: 'HS256' },
      ),
      RS512: jwt.sign(claims, pair.privateKey, { ...options, algorithm: 'RS512' }),
      PS256: jwt.sign(claims, pair.privateKey, { ...options, algorithm: 'PS256' }),
      'another key': jwt.sign(claims, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, {
        ...options,
        algorithm: 'RS256',
      }),
      'a key of its own in the header': jwt.sign(
        claims,
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
        {
          ...options,
          algorithm: 'RS256',
          header: { alg: 'RS256', jwk: {}, jku: 'https://evil.example' } as never,
        },
      ),
      'alg=none': `${part({ alg: 'none' })}.${part({ ...claims, sub: 'test:admin', iss: issuer, aud: audience, exp: 9_999_999_999 })}.`,
      expired: jwt.sign(claims, pair.privateKey, { ...options, expiresIn: -1, algorithm: 'RS256' }),
      audience: jwt.sign(claims, pair.privateKey, { ...options, audience: 'other', algorithm: 'RS256' }),
      issuer: jwt.sign(claims, pair.privateKey, { ...options, issuer: 'other', algorithm: 'RS256' }),
    };
    for (const [what, token] of Object.entries(forged)) assert.equal(await look(token), 401, what);
  });
});

describe('the RSA key', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  after(() => rm(folder, { recursive: true }));
  const load = (JWT_PRIVATE_KEY: string, JWT_PUBLIC_KEY?: string) =>
    loadTokenKey({ JWT_PRIVATE_KEY, JWT_PUBLIC_KEY, DATA_DIR: folder });

  it('is given as PEM, also with its line breaks written out, or as a file', async () => {
    const file = join(folder, 'key.pem');
    await writeFile(file, pem(pair.privateKey));
    for (const given of [pem(pair.privateKey), pem(pair.privateKey).replaceAll('\n', '\\n'), file]) {
      const key = await load(given, pem(pair.publicKey));
      assert.ok(key.equals(pair.privateKey));
    }
  });

  it('is refused, naming its variable, where it is none, too short, or of another pair', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await assert.rejects(load('/nowhere/key.pem'), /JWT_PRIVATE_KEY .* no such file/);
    await assert.rejects(load('-----BEGIN PRIVATE KEY-----\nnonsense'), /JWT_PRIVATE_KEY .* it is no key/);
    await assert.rejects(load(pem(short.privateKey)), /JWT_PRIVATE_KEY .* 2048 bits/);
    await assert.rejects(load(pem(curve.privateKey)), /JWT_PRIVATE_KEY .* 2048 bits/);
    await assert.rejects(
      load(pem(pair.privateKey), pem(other.publicKey)),
      /JWT_PUBLIC_KEY is not the public/,
    );
  });

  it('gives further secrets that its public half does not', () => {
    assert.ok(secretOf(pair.privateKey).equals(secretOf(pair.privateKey)));
    assert.equal(secretOf(pair.privateKey).type, 'secret');
  });
});
