import type { IncomingMessage } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';
import { unstorable } from './storable.ts';
import { invalidRequest } from './validate.ts';

/** The largest body that is read, in bytes. */
export const largestBody = 1_048_576;
/** How deep JSON may nest; nothing that a person writes goes as deep. */
export const deepestJson = 64;
/** How long, in milliseconds, the rest of a body is thrown away once its request has been answered. */
const linger = 2_000;

const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}');

/** True where JSON nests too deep: parsers and validators recurse, and would run out of stack. */
export function nestsTooDeep(text: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openArray || byte === openObject) {
      depth += 1;
      if (depth > deepestJson) return true;
    } else if (byte === closeArray || byte === closeObject) depth -= 1;
  }
  return false;
}

const tooDeep = 'body.too-deep';

/** The problem for a body that our own check refused; undefined for anything else. */
export function refusedBody(type: string | undefined): Problem | undefined {
  if (type !== tooDeep) return undefined;
  return kernelErrors.notParseable(`The JSON nests deeper than ${deepestJson} levels.`);
}

/** Express's JSON parser for bodies of any media type; `look` sees the text. What nests too deep is refused (400). */
export function jsonParser(
  options: { type: string | (() => boolean); strict: boolean },
  look?: (req: IncomingMessage, text: Buffer) => void,
): RequestHandler {
  return express.json({
    ...options,
    limit: largestBody,
    verify: (req, _res, text) => {
      // The parser overwrites the status of what is thrown here, so it gets a plain error and the kind in `type`.
      if (nestsTooDeep(text)) throw Object.assign(new Error(), { type: tooDeep });
      look?.(req, text);
    },
  });
}

function tooLarge(): Problem {
  return kernelErrors.tooLarge(`The body is larger than ${largestBody} bytes.`);
}

/**
 * Runs one of Express's body parsers; throws what it finds wrong. Where the body is too large that is told at once: the parser
 * itself would first read all of it.
 */
export function readWith(parser: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    if (Number(req.headers['content-length']) > largestBody) {
      reject(tooLarge());
      return;
    }
    if (req.headers['transfer-encoding'] !== undefined) {
      let read = 0;
      req.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > largestBody) reject(tooLarge());
      });
    }
    parser(req, res, (fault?: unknown) => (fault ? reject(fault) : resolve()));
  });
}

/**
 * For a request that was answered before all of it had come: most clients read no answer while they are still sending, so they
 * may go on for a moment, and what they send is thrown away. Then the connection is cut.
 */
export function cutOff(req: IncomingMessage): void {
  req.resume();
  setTimeout(() => {
    if (!req.complete) req.socket.destroy();
  }, linger).unref();
}

const isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;(?!.*charset)|;.*charset="?utf-8"?|$)/i;

/** Reads the body of a request into `req.body`; throws what is wrong with it. */
export type ReadBody = (req: Request, res: Response) => Promise<void>;

/** Reads JSON bodies (UTF-8); other media types, what is too large or too deep, and text that cannot be stored are refused. */
export function createReadBody(): ReadBody {
  const escaped = new WeakSet<object>();
  const parse = jsonParser({ strict: false, type: () => true }, (req, text) => {
    // What cannot be stored can only be written as \u escapes: few bodies have any, and only those are walked.
    if (text.includes('\\u')) escaped.add(req);
  });
  return async (req, res) => {
    const length = req.headers['content-length'];
    const isEmpty =
      length === '0' || (length === undefined && req.headers['transfer-encoding'] === undefined);
    if (isEmpty) return;
    const type = req.headers['content-type'];
    if (type === undefined || !isJson.test(type)) {
      const sent = type === undefined ? 'no Content-Type' : `"${type}"`;
      throw kernelErrors.unsupportedMediaType(`The body came with ${sent}; send application/json in UTF-8.`);
    }
    await readWith(parse, req, res);
    const faults = escaped.has(req) ? unstorable(req.body, 'body') : [];
    if (faults.length > 0) throw invalidRequest(faults);
  };
}
