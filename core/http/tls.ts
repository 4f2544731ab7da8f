import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import type { Log } from '../log/log.ts';

/** Where the certificate (with those that vouch for it) and its private key lie, in PEM. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** What a server proves itself with. */
export interface Certificate {
  cert: Buffer;
  key: Buffer;
  /** The last moment at which clients accept it. */
  validTo: Date;
}

/** The oldest TLS that is spoken. */
export const leastTls = 'TLSv1.3';
/** How often, in milliseconds, the files are looked at. */
const lookEvery = 10_000;

function read(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (fault) {
    throw new Error(`${variable}: the file ${file} cannot be read (${(fault as Error).message}).`);
  }
}

function parsed<T>(variable: string, file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (fault) {
    throw new Error(`${variable}: ${file} holds no ${what} (${(fault as Error).message}).`);
  }
}

/** Reads a certificate and its key; throws what is wrong with which file. */
export function readCertificate(files: TlsFiles): Certificate {
  const [cert, key] = [read('TLS_CERT', files.cert), read('TLS_KEY', files.key)];
  const certificate = parsed('TLS_CERT', files.cert, 'certificate in PEM', () => new X509Certificate(cert));
  const secret: KeyObject = parsed('TLS_KEY', files.key, 'private key in PEM without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(secret)) {
    throw new Error(`TLS_KEY: ${files.key} is not the key of the certificate in ${files.cert}.`);
  }
  return { cert, key, validTo: new Date(certificate.validTo) };
}

/** Keeps a server's certificate the one in the files, for connections from then on. */
export interface CertificateWatch {
  /** Reads the files now; where they are not right, the server keeps the certificate that it has. */
  renew(): void;
  stop(): void;
}

/** Reads the files again whenever they change: certificates are renewed every few weeks, and no start should be needed for it. */
export function watchCertificate(server: Server, files: TlsFiles, log: Log): CertificateWatch {
  function renew(): void {
    try {
      const { cert, key, validTo } = readCertificate(files);
      server.setSecureContext({ cert, key, minVersion: leastTls });
      log.info({ validTo }, 'the certificate was read');
    } catch (fault) {
      log.error({ err: fault }, 'the certificate is not renewed');
    }
  }
  const paths = [files.cert, files.key];
  for (const path of paths) {
    watchFile(path, { interval: lookEvery, persistent: false }, (now, before) => {
      if (now.mtimeMs !== before.mtimeMs) renew();
    });
  }
  return {
    renew,
    stop: () => {
      for (const path of paths) unwatchFile(path);
    },
  };
}
