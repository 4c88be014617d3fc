import { Redirect } from 'wouter';
import { useSession } from '../queries/session.ts';
import type { PageFamily } from './family.ts';
import { NotFound } from './not-found.tsx';

/** Everybody begins where their work is: at the first entry of their navigation. */
export function Landing({ families }: { families: readonly PageFamily[] }) {
  const roles = useSession().data?.person.roles ?? [];
  const first = families
    .flatMap(({ navigation }) => navigation)
    .find((entry) => entry.roles.some((role) => roles.includes(role)));
  return first ? <Redirect to={first.href} replace /> : <NotFound />;
}
