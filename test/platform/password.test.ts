import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PasswordHash } from '../../src/domain/machines.ts';
import { hashPassword, passwordFits } from '../../src/platform/password.ts';
import { onPath } from '../debian-packages.ts';
import { seededBytes } from '../helpers/seeded.ts';

const salt = seededBytes(3)(16);

describe('a password of a machine', () => {
  it('fits its own hash and no other, and nobody without a hash', async () => {
    const phc = await hashPassword('correct horse', salt);
    expect(PasswordHash.safeParse(phc).success).toBe(true);
    expect(await passwordFits('correct horse', phc)).toBe(true);
    expect(await passwordFits('correct horsE', phc)).toBe(false);
    expect(await passwordFits('correct horse', undefined)).toBe(false);
  });

  it('is the same however its letters were composed', async () => {
    expect(await passwordFits('Fra\u0308ser-07', await hashPassword('Fr\u00e4ser-07', salt))).toBe(true);
  });

  it.skipIf(!onPath('argon2'))('is hashed as the reference program hashes it', async () => {
    const letters = Buffer.from('sixteen letters!');
    const ours = await hashPassword('correct horse', letters);
    const [, , , parameters = ''] = ours.split('$');
    const [, m = '', t = '', p = ''] = /m=(\d+),t=(\d+),p=(\d+)/.exec(parameters) ?? [];
    const args = [letters.toString(), '-id', '-k', m, '-t', t, '-p', p, '-l', '32', '-e'];
    const { stdout } = spawnSync('argon2', args, { input: 'correct horse', encoding: 'utf8' });
    expect(stdout.trim()).toBe(ours);
  });
});
