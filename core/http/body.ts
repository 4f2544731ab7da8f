import express, { type RequestHandler } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';

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

/** The `type` of what the body reader throws beyond the parser's own kinds. */
const bodyFault = { tooDeep: 'body.too-deep', nul: 'body.nul' } as const;

/** The problem for a body that our own checks refused; undefined for anything else. */
export function refusedBody(type: string | undefined): Problem | undefined {
  if (type === bodyFault.tooDeep) return kernelErrors.notParseable(`The JSON nests deeper than ${deepest} levels.`);
  if (type === bodyFault.nul) return kernelErrors.invalid('The body has a NUL character (\\u0000), which cannot be stored.');
  return undefined;
}

const isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body of at most `limit` bytes; other media types, deep nesting and NUL characters are refused with a reason. */
export function createReadBody(limit = 1_048_576): RequestHandler {
  const parse = express.json({
    limit,
    strict: false,
    type: () => true,
    verify: (_req, _res, text) => {
      // The parser overwrites the status of what is thrown here, so it gets a plain error and the kind in `type`.
      if (nestsTooDeep(text)) throw Object.assign(new Error(), { type: bodyFault.tooDeep });
      if (text.includes('\\u0000')) throw Object.assign(new Error(), { type: bodyFault.nul });
    },
  });
  return (req, res, next) => {
    const length = req.headers['content-length'];
    const isEmpty = length === '0' || (length === undefined && req.headers['transfer-encoding'] === undefined);
    if (isEmpty) return next();
    const type = req.headers['content-type'];
    if (type === undefined || !isJson.test(type)) {
      const sent = type === undefined ? 'no Content-Type' : `"${type}"`;
      return next(kernelErrors.unsupportedMediaType(`The body came with ${sent}; send application/json.`));
    }
    return parse(req, res, next);
  };
}
