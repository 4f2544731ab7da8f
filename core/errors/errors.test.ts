import assert from 'node:assert/strict';
import { errorDocFaults } from '../testing/error-docs.ts';
import { kernelErrors } from './kernel-errors.ts';
import { defineErrors, Problem } from './problem.ts';

describe('docs/errors.md', () => {
  it("has every error of the kernel as it is, and none that it isn't", async () => {
    assert.deepEqual(await errorDocFaults({ kernel: Object.values(kernelErrors) }), []);
  });

  it('would be told where it differs', async () => {
    const { invalid, ...others } = kernelErrors;
    const odd = defineErrors({
      invalid: { code: 'invalid', status: 400, title: invalid.title },
      fresh: { code: 'fresh', status: 409, title: 'New' },
    });
    const faults = await errorDocFaults({ kernel: [...Object.values(others), ...Object.values(odd)] });
    assert.deepEqual(faults, [
      'missing under "kernel": | `fresh` | 409 | New |  |',
      'invalid is 400 "The request is not valid", not 422 "The request is not valid"',
    ]);
    const { internal, ...fewer } = kernelErrors;
    assert.deepEqual(await errorDocFaults({ kernel: Object.values(fewer) }), [
      `kernel has no error ${internal.code}`,
    ]);
  });
});

describe('a table of errors', () => {
  const errors = defineErrors({ gone: { code: 'gone', status: 410, title: 'It is gone' } });

  it('makes problems with what is common to all and what is said of this one', () => {
    const problem = errors.gone('The book is gone.', { headers: { 'Retry-After': '1' }, members: { id: 7 } });
    assert.ok(problem instanceof Problem && problem instanceof Error);
    assert.partialDeepStrictEqual(
      { ...problem, message: problem.message },
      {
        code: 'gone',
        status: 410,
        title: 'It is gone',
        message: 'The book is gone.',
        headers: { 'Retry-After': '1' },
        members: { id: 7 },
      },
    );
  });

  it('cannot be changed', () => {
    assert.throws(() => Object.assign(errors, { gone: null }), TypeError);
    assert.throws(() => Object.assign(errors.gone, { status: 200 }), TypeError);
  });

  it('has each code once, in the kernel', () => {
    const codes = Object.values(kernelErrors).map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
  });
});
