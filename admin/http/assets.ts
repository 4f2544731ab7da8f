import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { RequestHandler } from 'express';
import { kernelErrors } from '#core';

interface Asset {
  plain: Buffer;
  packed: Partial<Record<'br' | 'gzip', Buffer>>;
  tag: string;
  type: string;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.eot': 'application/vnd.ms-fontobject',
};
const worthPacking = new Set(['.js', '.css', '.svg']);

async function load(file: string): Promise<Asset> {
  const plain = await readFile(file);
  const kind = extname(file);
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
  const packed = worthPacking.has(kind)
    ? {
        br: await promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
        gzip: await promisify(gzip)(plain),
      }
    : {};
  return { plain, packed, tag, type: types[kind] ?? 'application/octet-stream' };
}

/**
 * Serves AdminJS's scripts, styles and fonts and our bundle: packed once, kept in memory, and by browsers for ever where the
 * address names `version`. `fileOf` answers where an asset lies; undefined for what is none.
 */
export function createAssets(
  fileOf: (path: string) => string | undefined,
  version: () => string,
): RequestHandler {
  const loaded = new Map<string, Promise<Asset>>();
  return async (req, res) => {
    const file = fileOf(req.path);
    if (file === undefined) throw kernelErrors.notFound(`There is no ${req.path} here.`);
    const loading = loaded.get(file) ?? load(file);
    loaded.set(file, loading);
    loading.catch(() => loaded.delete(file));
    const { plain, packed, tag, type } = await loading;
    const isCurrent = new URLSearchParams(req.url.split('?')[1]).get('v') === version();
    res.setHeader('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    res.setHeader('ETag', tag);
    res.setHeader('Vary', 'Accept-Encoding');
    if (req.headers['if-none-match'] === tag) {
      res.status(304).end();
      return;
    }
    const encoding = (['br', 'gzip'] as const).find((name) => packed[name] && req.acceptsEncodings(name));
    const body = (encoding && packed[encoding]) ?? plain;
    if (encoding) res.setHeader('Content-Encoding', encoding);
    res.setHeader('Content-Type', type);
    res.setHeader('Content-Length', body.length);
    res.end(body);
  };
}
