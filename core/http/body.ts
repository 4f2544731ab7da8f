import express, { type NextFunction, type Request, type RequestHandler } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';
import { unstorable } from './storable.ts';
import { invalidRequest } from './validate.ts';

const deepest = 64;
const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}');

/** True where JSON nests deeper than anything a person writes; parsers and validators recurse, and would run out of stack. */
function nestsTooDeep(text: Buffer): boolean {
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
      if (depth > deepest) return true;
    } else if (byte === closeArray || byte === closeObject) depth -= 1;
  }
  return false;
}

const tooDeep = 'body.too-deep';

/** The problem for a body that our own check refused; undefined for anything else. */
export function refusedBody(type: string | undefined): Problem | undefined {
  if (type !== tooDeep) return undefined;
  return kernelErrors.notParseable(`The JSON nests deeper than ${deepest} levels.`);
}

const isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;(?!.*charset)|;.*charset="?utf-8"?|$)/i;

/** Reads a JSON body (UTF-8) of at most `limit` bytes; other media types, deep nesting and text that cannot be stored are refused. */
export function createReadBody(limit = 1_048_576): RequestHandler {
  const escaped = new WeakSet<object>();
  const parse = express.json({
    limit,
    strict: false,
    type: () => true,
    verify: (req, _res, text) => {
      // The parser overwrites the status of what is thrown here, so it gets a plain error and the kind in `type`.
      if (nestsTooDeep(text)) throw Object.assign(new Error(), { type: tooDeep });
      // What cannot be stored can only be written as \u escapes: few bodies have any, and only those are walked.
      if (text.includes('\\u')) escaped.add(req);
    },
  });
  const check = (req: Request, next: NextFunction) => {
    const faults = escaped.has(req) ? unstorable(req.body, 'body') : [];
    next(faults.length > 0 ? invalidRequest(faults) : undefined);
  };
  return (req, res, next) => {
    const length = req.headers['content-length'];
    const isEmpty =
      length === '0' || (length === undefined && req.headers['transfer-encoding'] === undefined);
    if (isEmpty) return next();
    const type = req.headers['content-type'];
    if (type === undefined || !isJson.test(type)) {
      const sent = type === undefined ? 'no Content-Type' : `"${type}"`;
      return next(
        kernelErrors.unsupportedMediaType(`The body came with ${sent}; send application/json in UTF-8.`),
      );
    }
    return parse(req, res, (fault?: unknown) => (fault ? next(fault) : check(req, next)));
  };
}
