import { describe, expect, test } from 'vitest';
import { DomainError, errorCodes } from '../../../src/domain/errors.ts';
import { problemOf, refusalOf, statusOf } from '../../../src/edges/http/errors.ts';

const thrown = (over: object) => Object.assign(new Error('secret: /var/lib/keyway/keys'), over);

describe('a refusal', () => {
  test('is a problem with its code, its sentence word for word and the phrase of its status', () => {
    const refusal = new DomainError('conflict', 'It is there already.', { field: 'name' });
    expect(problemOf(refusal)).toEqual({
      ...{ type: 'about:blank', title: 'Conflict', status: 409, code: 'conflict' },
      ...{ detail: 'It is there already.', field: 'name' },
    });
    expect(problemOf(new DomainError('not-found', 'No.'))).not.toHaveProperty('field');
    for (const code of errorCodes) expect([code, statusOf[code] >= 400]).toEqual([code, true]);
  });

  test.each([
    [{ statusCode: 413 }, 'too-large'],
    [{ statusCode: 415 }, 'not-supported'],
    [{ statusCode: 400 }, 'request-invalid'],
    [{ statusCode: 404 }, 'request-invalid'],
    [{ code: 'ECONNRESET' }, 'request-invalid'],
    [{ statusCode: 500 }, 'internal'],
    [{ statusCode: '400' }, 'internal'],
    [{}, 'internal'],
  ])('of what the framework threw (%o) has a code of ours and not a word of its own', (over, code) => {
    const refusal = refusalOf(thrown(over));
    expect(refusal.code).toBe(code);
    expect(JSON.stringify(problemOf(refusal))).not.toContain('secret');
  });
});
