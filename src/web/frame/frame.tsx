import { Component, lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { useBanners } from '../parts/banner-store.ts';
import { useQuestion } from '../queries/again.ts';
import { useNews } from '../queries/events.ts';
import { useSession } from '../queries/session.ts';
import { frameWords } from '../words/frame.ts';
import { ConnectionNotice } from './connection-notice.tsx';
import type { PageFamily } from './family.ts';
import styles from './frame.module.css';
import { LedgerDot } from './ledger-dot.tsx';
import { PersonMenu } from './person-menu.tsx';
import { SearchField } from './search-field.tsx';

/** Few are ever asked, and its fields are a large part of what every page would wait for. */
const AgainDialog = lazy(async () => ({ default: (await import('./again-dialog.tsx')).AgainDialog }));

/** What stands around every page: classification on top, which never scrolls away, then the way to everything else. */
export function Frame({ families, children }: { families: readonly PageFamily[]; children: ReactNode }) {
  useNews();
  const isAsked = useQuestion() !== undefined;
  const [location] = useLocation();
  const isBare = families.some(({ bare }) => bare !== undefined && `${location}/`.startsWith(`${bare}/`));
  useKioskSizes(isBare);
  return (
    <>
      <a className={styles.skip} href="#page">
        {frameWords.skip}
      </a>
      <div className={styles.top}>
        <ClassificationBanner />
        <header className={styles.bar}>
          <Link href="/" className={styles.name}>
            {frameWords.product}
          </Link>
          {isBare ? (
            <span className={styles.nav} />
          ) : (
            <>
              <Navigation families={families} />
              <SearchField />
            </>
          )}
          <LedgerDot />
          <PersonMenu />
        </header>
        <ConnectionNotice />
      </div>
      <Suspense>{isAsked && <AgainDialog />}</Suspense>
      <PageBoundary key={location}>
        <Suspense fallback={<p className={styles.loading}>{frameWords.loading}…</p>}>{children}</Suspense>
      </PageBoundary>
    </>
  );
}

/** Dialogs stand outside of the page: all that can be pressed is as large as a glove, wherever it is. */
function useKioskSizes(isKiosk: boolean): void {
  useEffect(() => {
    if (!isKiosk) return;
    document.body.dataset.kiosk = 'yes';
    return () => {
      delete document.body.dataset.kiosk;
    };
  }, [isKiosk]);
}

function ClassificationBanner() {
  const banners = useBanners();
  const plant = useSession().data?.banner;
  const all = banners.length > 0 ? banners : plant ? [plant] : [];
  return (
    <section className={styles.banner} aria-label={frameWords.bannerLabel} data-classified={banners.length > 0}>
      {all.length > 0 ? all.join('   ·   ') : frameWords.noBanner}
    </section>
  );
}

function Navigation({ families }: { families: readonly PageFamily[] }) {
  const roles = useSession().data?.person.roles ?? [];
  const [location] = useLocation();
  const entries = families
    .flatMap((family) => family.navigation.map((entry) => ({ ...entry, isHere: isIn(family, entry.href, location) })))
    .filter((entry) => entry.roles.some((role) => roles.includes(role)));
  return (
    <nav className={styles.nav} aria-label={frameWords.navigation}>
      {entries.map(({ href, label, isHere }) => (
        <Link key={href} href={href} aria-current={isHere ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** Where one entry leads to a whole family, it stands for all pages of that. */
function isIn({ navigation, pages }: PageFamily, href: string, location: string): boolean {
  const roots = navigation.length === 1 ? pages.map(({ path }) => path.split('/:')[0]) : [href];
  return roots.some((root) => `${location}/`.startsWith(`${root}/`));
}

/** A page that breaks takes no other with it, and the frame stays. */
class PageBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main id="page" className={styles.broken} role="alert">
        <h1>{frameWords.gone}</h1>
        <p>{frameWords.goneWhy}</p>
        <button type="button" onClick={() => window.location.reload()}>
          {frameWords.reload}
        </button>
      </main>
    );
  }
}
