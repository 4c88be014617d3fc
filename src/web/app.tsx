import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { Route, Router, Switch } from 'wouter';
import type { PageFamily } from './frame/family.ts';
import { Frame } from './frame/frame.tsx';
import { Landing } from './frame/landing.tsx';
import { NotFound } from './frame/not-found.tsx';
import { apiPages } from './pages/api/family.ts';
import { ownPages } from './pages/me/family.ts';
import { officePages } from './pages/office/family.ts';
import { operatorPages } from './pages/operator/family.ts';
import { programPages } from './pages/programs/family.ts';
import { reviewPages } from './pages/review/family.ts';
import { searchPages } from './pages/search/family.ts';
import { SignedIn } from './pages/sign-in/signed-in.tsx';
import { tracePages } from './pages/trace/family.ts';
import { queryClient } from './queries/query-client.ts';

/**
 * The screens. To add a page:
 * 1. A folder a family, `pages/FAMILY/`. Its `family.ts` lists paths (without `/app`) with `lazyPage(() => import(…))`, and
 *    what the navigation offers to which roles; add the family to `families` below, in the order of the navigation.
 * 2. A page is `<Page title classified acts>` (parts/page.tsx): `classified` takes the banners of all that it shows. Around
 *    technical data stands `<Watermarked>`. Words are in `words/FAMILY.ts`, never in the page.
 * 3. Reading: a hook in `queries/NOUN.ts` over `useQuery`, with the key `[noun, id]` for one thing and `[noun, {filters}]` for a
 *    list: news from the ledger renews them by that (queries/events.ts). Addresses come from `queries/paths.ts`, types from
 *    `edges/http/contract` by `import type`.
 * 4. Acting: `useAct` (queries/act.ts) runs once at a time and once in all. Its `error` goes into `<ProblemCard>`.
 * 5. States by `<StateBadge tone>`, moments by `<Time at>`, digests by `<Digest value>`, lists of any length by `<RowList>`;
 *    nothing there by `<Empty>`, which says what to do first. Filters live in the link (`useSearchParams` of wouter).
 * 6. No style element and no `style` text may come from a script (CSP): rules stand in `*.module.css`, with the variables
 *    of `theme.css`. So no AppShell, Grid, SimpleGrid and no responsive props of Mantine, and Modal and Drawer with
 *    `lockScroll={false}`, and `useMantineColorScheme({ keepTransitions: true })`; a component that is new here needs its file in `styles.ts`. React's `style={{…}}` is fine.
 * 7. `test/web/` opens it in a browser: axe, CSP, hostile texts, pictures in light, dark and on a tablet.
 */
export function App() {
  return (
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        <Router base="/app">
          <SignedIn>
            <Frame families={families}>
              <Switch>
                <Route path="/">
                  <Landing families={families} />
                </Route>
                {families.flatMap(({ pages }) =>
                  pages.map(({ path, page }) => <Route key={path} path={path} component={page} />),
                )}
                <Route>
                  <NotFound />
                </Route>
              </Switch>
            </Frame>
          </SignedIn>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}

const families: readonly PageFamily[] = [
  reviewPages,
  programPages,
  tracePages,
  operatorPages,
  officePages,
  searchPages,
  ownPages,
  apiPages,
];
