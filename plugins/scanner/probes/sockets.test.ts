import assert from 'node:assert/strict';
import { socketsFor } from './sockets.ts';

describe('the sockets of a sweep', () => {
  const limits = (files: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             96301                96301                processes
Max open files            ${files.padEnd(20)} ${files.padEnd(20)} files`;

  it('are as many as are wanted where the process may open enough files', () => {
    assert.equal(socketsFor(2048, limits('1048576')), 2048);
    assert.equal(socketsFor(2048, limits('unlimited')), 2048);
    assert.equal(socketsFor(2048, ''), 2048);
  });

  it('leave most files to others, and are at least one', () => {
    assert.equal(socketsFor(2048, limits('1024')), 128);
    assert.equal(socketsFor(2048, limits('4')), 1);
  });
});
