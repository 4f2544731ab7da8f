import assert from 'node:assert/strict';
import { Ajv2020, type ErrorObject, type Format } from 'ajv/dist/2020.js';
import type { Document, Operation } from './document.ts';

/** What came back. */
export interface FuzzAnswer {
  status: number;
  type: string;
  text: string;
}

/** Throws where an answer is not what the document says of its route and status. */
export type CheckAnswer = (operation: Operation, answer: FuzzAnswer) => void;

/** Makes the check of one document's answers. */
export function createCheck(document: Document, formats: Record<string, Format>): CheckAnswer {
  const ajv = new Ajv2020({
    strict: false,
    formats: { ...formats, 'date-time': true, password: true, email: true, uuid: true },
  });
  ajv.addSchema(document, 'document');

  function demandSchema(operation: Operation, status: number, type: string, value: unknown): void {
    const steps = [
      'paths',
      operation.path,
      operation.method,
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ];
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = ajv.getSchema(`document#/${pointer}`);
    assert.ok(validate, `no schema at ${pointer}`);
    const faults = validate(value) ? '' : ajv.errorsText(validate.errors as ErrorObject[]);
    assert.ok(faults === '', `The body of a ${status} is not as declared: ${faults}`);
  }

  return (operation, { status, type, text }) => {
    assert.ok(status < 500, 'a fault of ours');
    const declared = operation.responses[status];
    assert.ok(declared, `${status} is not declared`);
    const [bare = ''] = type.split(';');
    if (!declared.content) {
      assert.deepEqual([bare, text], ['', ''], `${status} is declared without a body`);
      return;
    }
    assert.deepEqual([bare], Object.keys(declared.content), 'another media type than declared');
    if (bare === 'text/event-stream') {
      // What was cut off is no event.
      for (const [, event = ''] of text.matchAll(/^data: (.*)\n\n/gm))
        demandSchema(operation, status, bare, JSON.parse(event));
      return;
    }
    const value = JSON.parse(text);
    demandSchema(operation, status, bare, value);
    if (status >= 400) demandProblem(value, status, text);
  };
}

/** What the conventions promise of a problem beyond its schema. */
function demandProblem(problem: Record<string, unknown>, status: number, text: string): void {
  assert.match(String(problem.type), /^urn:cadastre:error:[a-z-]+$/);
  assert.equal(problem.status, status);
  for (const member of ['title', 'detail', 'instance', 'requestId'])
    assert.equal(typeof problem[member], 'string');
  for (const fault of (problem.errors ?? []) as object[]) {
    assert.deepEqual(Object.keys(fault).sort(), ['code', 'message', 'path']);
    for (const part of Object.values(fault)) assert.ok(typeof part === 'string' && part !== '');
  }
  assert.doesNotMatch(text, /\b(SELECT|INSERT INTO|UPDATE) [a-z_."]+ |\.ts:\d/);
}
