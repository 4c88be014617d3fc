import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Clock } from './clock.ts';
import { type Migration, openSqlite, type Sqlite } from './sqlite.ts';

const migrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE answers (
  asker TEXT NOT NULL,
  key TEXT NOT NULL,
  /** Digest of what was asked. */
  request TEXT NOT NULL,
  /** Null while it is under way, and for ever where the gateway stopped in between. */
  status INTEGER,
  body BLOB,
  /** Milliseconds since the epoch. */
  expires INTEGER NOT NULL,
  PRIMARY KEY (asker, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_that_expire ON answers (expires);
`,
  },
];

export type KeptAnswer = { status: number; body: Buffer };
type Row = { request: string; status: number | null; body: Buffer | null };

/**
 * What was answered to an act that its asker named by a key, for a day: whoever lost the answer asks again and is given the same,
 * and nothing is done twice. That it was begun is durable before it is done, so that after a crash in between nobody is
 * told that nothing happened.
 */
export class KeptAnswers {
  readonly #db: Sqlite;
  readonly #clock: Clock;

  constructor(path: string, clock: Clock) {
    this.#db = openSqlite(path, { synchronous: 'FULL', migrations });
    this.#clock = clock;
  }

  /** The answer that was given before; undefined where it is to be done now. Throws `conflict`. */
  begin(asker: string, key: string, request: string): KeptAnswer | undefined {
    this.#db.prepare('DELETE FROM answers WHERE expires <= ?').run(this.#clock());
    const known = this.#db
      .prepare('SELECT request, status, body FROM answers WHERE asker = ? AND key = ?')
      .get(asker, key);
    if (known) return answerIn(known as Row, request);
    this.#db
      .prepare('INSERT INTO answers (asker, key, request, expires) VALUES (?, ?, ?, ?)')
      .run(asker, key, request, this.#clock() + limits.answersKeptMs);
    return undefined;
  }

  /** Durable when it returns. */
  finish(asker: string, key: string, { status, body }: KeptAnswer): void {
    this.#db
      .prepare('UPDATE answers SET status = ?, body = ? WHERE asker = ? AND key = ?')
      .run(status, body, asker, key);
  }

  /** What was refused did nothing: it may be asked for again under the same key. */
  forget(asker: string, key: string): void {
    this.#db.prepare('DELETE FROM answers WHERE asker = ? AND key = ?').run(asker, key);
  }

  close(): void {
    this.#db.close();
  }
}

function answerIn({ request: before, status, body }: Row, request: string): KeptAnswer {
  if (before !== request)
    throw new DomainError('conflict', 'This Idempotency-Key was used for something else: take another one.');
  if (status === null || body === null)
    throw new DomainError(
      'conflict',
      'This was begun under the same Idempotency-Key and has no answer yet, or lost it when the gateway stopped: look whether it was done.',
    );
  return { status, body };
}
