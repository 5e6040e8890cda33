import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCodes } from '../errors/codes.ts';
import { NanocentError } from '../errors/error.ts';
import { exitCodeOf } from './exit-code.ts';

test('every error has the exit code of its kind', () => {
  const byKind = {
    invalid: 2,
    not_found: 3,
    forbidden: 4,
    conflict: 5,
    unavailable: 6,
    incompatible: 7,
    refused: 8,
    invariant: 70,
  };
  for (const [code, kind] of Object.entries(errorCodes)) {
    assert.equal(exitCodeOf(new NanocentError(code as ErrorCode, 'x')), byKind[kind], code);
  }
  assert.deepEqual([exitCodeOf(new Error('x')), exitCodeOf('x'), exitCodeOf(undefined)], [1, 1, 1]);
});
