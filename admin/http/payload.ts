import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { invalidRequest, jsonParser, kernelErrors, largestBody as limit, readWith } from '#core';

const reader: RequestHandler = Router().use(
  jsonParser({ type: 'application/json', strict: true }),
  express.urlencoded({ extended: false, limit }),
  // AdminJS's forms are multipart. They are read into memory, so that nobody's upload ever touches the disk.
  express.raw({ type: 'multipart/form-data', limit }),
);

/** A form that holds files, or is none, is refused. */
async function formFields(body: Buffer, type: string): Promise<Record<string, unknown>> {
  const form = await new globalThis.Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw kernelErrors.notParseable('The form is not well-formed.');
    });
  const fields = [...form.entries()];
  const file = fields.find(([, value]) => typeof value !== 'string');
  if (file) {
    throw invalidRequest([
      { path: `body.${file[0]}`, code: 'no-files', message: 'Files are not taken here.' },
    ]);
  }
  return Object.fromEntries(fields);
}

/** Whether a dotted name, or the end of a range (`since~~from`), holds a part that every object has: `__proto__`, `toString` … */
export function reachesIntoPrototypes(name: string): boolean {
  return name.split(/\.|~~/).some((part) => part === 'prototype' || part in Object.prototype);
}

/** What a form or JSON body says, by flat names; throws 400, 413, 415 or 422. Names that reach into prototypes are left out. */
export async function readPayload(req: Request, res: Response): Promise<Record<string, unknown>> {
  await readWith(reader, req, res);
  const body: unknown = req.body;
  if (body === undefined) {
    if (req.headers['content-type'] === undefined) return {};
    throw kernelErrors.unsupportedMediaType('Send a form, or JSON.');
  }
  const fields = Buffer.isBuffer(body) ? await formFields(body, req.headers['content-type'] ?? '') : body;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw kernelErrors.notParseable('The body must be an object or a form.');
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !reachesIntoPrototypes(name)));
}
