import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { PersonKey } from '../../src/domain/people.ts';
import { listenHttp } from '../../src/edges/http/listen.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { keyIdOf, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { gatewayActor, type Known, openScreensFloor, type ScreensFloor } from './screens-floor.ts';
import { TcpProxy } from './tcp-proxy.ts';

const project = join(import.meta.dirname, '..', '..');
const pictures = join(project, 'test', 'screenshots-out');

/** A browser's page, with all that it complained of and all that came to it. */
export type Watched = {
  page: Page;
  context: BrowserContext;
  /** One for all: whichever ends takes the passkeys along. */
  devtools: CDPSession;
  /** Of the virtual authenticator; empty where nobody signed in. */
  authenticatorId: string;
  complaints: string[];
  heard: string[];
};
export type WebStage = Awaited<ReturnType<typeof openWebStage>>;

/** The screens as people have them: built files, the real core behind the TLS door, and Debian's chromium before it. */
export async function openWebStage() {
  if (!existsSync(join(project, 'src/web/dist/index.html')))
    await build({ configFile: join(project, 'src/web/vite.config.ts'), logLevel: 'warn' });
  let port = 0;
  const origin = () => `https://localhost:${port}`;
  let passedMs = 0;
  const floor = await openScreensFloor({ publicOrigin: origin, clock: () => Date.now() + passedMs });
  const { file, root } = { file: floor.keys.trust.file, root: floor.keys.trust.digest };
  const trusted = { version: 1, root, file: canonicalJson(file).toString() };
  await floor.commit(makeEvent('trust.changed', gatewayActor, trusted));
  const { tls } = makeDevelopmentPki({ now: floor.clock(), hostnames: ['localhost'], ips: ['127.0.0.1'] });
  const door = await listenHttp({
    ...{ parts: floor.parts, host: '127.0.0.1', port: 0, socketPath: join(floor.folder, 'web.sock') },
    tls: { key: tls.privateKeyPem, cert: tls.certificatePem },
  });
  const network = await TcpProxy.to(door.port);
  port = network.port;
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', ...quiet],
  });
  const keys = new Map<string, Passkey>();
  return {
    ...{ floor, origin, browser },
    /** Of the gateway's clock; that of the browsers stays. */
    passTime: (ms: number) => {
      passedMs += ms;
    },
    /** Nobody reaches the gateway until the answer is called. */
    unplug(): () => void {
      network.weather = () => ({ toServer: { cutAfter: 0 } });
      network.cut();
      return () => {
        network.weather = () => ({});
      };
    },
    signIn: (who: Known, at = '/app/') => signIn({ floor, browser, origin, keys }, who, at),
    stranger: (at: string) => openPage(browser, `${origin()}${at}`),
    async close(): Promise<void> {
      await browser.close();
      await network.close();
      await door.close();
      await floor.close();
    },
  };
}

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

async function openPage(browser: Browser, url: string): Promise<Watched> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1500, height: 950 } });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const heard: string[] = [];
  page.on('console', (message) => {
    // A refusal is an answer; the browser writes it down all the same.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    heard.push(response.url());
    if (!response.url().endsWith('/events'))
      response.text().then(
        (text) => heard.push(text),
        () => {},
      );
  });
  const devtools = await context.newCDPSession(page);
  await page.goto(url);
  return { page, context, devtools, authenticatorId: '', complaints, heard };
}

type Passkey = { credentialId: string; privateKey: string };
type Place = { floor: ScreensFloor; browser: Browser; origin: () => string; keys: Map<string, Passkey> };

/** Signed in by a passkey, which two administrators enrolled the first time, at a deep link. */
async function signIn({ floor, browser, origin, keys }: Place, who: Known, at: string): Promise<Watched> {
  const id = who.person.id;
  const passkey = keys.get(id) ?? (await enrolPasskey(floor, who, origin()));
  keys.set(id, passkey);
  const watched = await openPage(browser, `${origin()}${at}`);
  const { devtools } = watched;
  const authenticatorId = await newAuthenticator(watched);
  await devtools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      ...{ ...passkey, isResidentCredential: true, rpId: 'localhost', signCount: 1 },
      userHandle: Buffer.from(id).toString('base64'),
    },
  });
  await watched.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  // On a kiosk there is no navigation: the page itself says that it is there.
  await watched.page.locator('main#page').waitFor();
  return { ...watched, authenticatorId };
}

async function newAuthenticator({ devtools }: Watched): Promise<string> {
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return authenticatorId;
}

/** As if the same page stood on another device, which holds no passkey yet. */
export async function anotherDevice(watched: Watched): Promise<void> {
  await watched.devtools.send('WebAuthn.disable');
  await newAuthenticator(watched);
}

async function enrolPasskey(floor: ScreensFloor, who: Known, origin: string): Promise<Passkey> {
  const key = newP256Key();
  const credentialId = randomBytes(16);
  const enrolled: PersonKey = {
    ...{ assurance: 'passkey', keyId: keyIdOf(key), publicKey: publicPem(key) },
    ...{ credentialId: credentialId.toString('base64url'), rpId: 'localhost', origin, counter: 0 },
  };
  await floor.change({ kind: 'person.key-add', person: who.person.id, key: enrolled });
  return {
    credentialId: credentialId.toString('base64'),
    privateKey: key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  };
}

type Found = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

/** What axe finds serious or worse; nothing is to be. */
export async function seriousViolations({ devtools }: Watched, only?: readonly string[]): Promise<string[]> {
  // By the protocol, as the page's own policy lets nobody put a script into it.
  await devtools.send('Runtime.evaluate', { expression: axe.source });
  const options = { resultTypes: ['violations'], ...(only && { runOnly: only }) };
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: `axe.run(document, ${JSON.stringify(options)}).then((found) => JSON.stringify(found))`,
    ...{ awaitPromise: true, returnByValue: true },
  });
  const { violations } = JSON.parse(String(result.value)) as Found;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** The page in light, dark and on a tablet, for its maker to look at; and, in each, nothing serious for axe. */
export async function lookAt(watched: Watched, name: string): Promise<void> {
  const { page } = watched;
  mkdirSync(pictures, { recursive: true });
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: 'attached' });
    await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`), fullPage: true });
    // The document is the same in the dark; its colours are not.
    const rules = scheme === 'dark' ? ['color-contrast'] : undefined;
    expect(await seriousViolations(watched, rules), `${name} ${scheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1024, height: 1366 });
  await page.screenshot({ path: join(pictures, `${name}-tablet.png`), fullPage: true });
  await page.setViewportSize({ width: 1500, height: 950 });
}

/** What stood there when a story went wrong. */
export async function lookAtFailure(watched: Watched | undefined, { name, result }: Task): Promise<void> {
  if (result?.state !== 'fail') return;
  console.error(watched?.complaints.join('\n'));
  const path = join(pictures, `failed-${name.slice(0, 40).replaceAll(/[^a-z]+/gi, '-')}.png`);
  await watched?.page.screenshot({ path, fullPage: true });
}
type Task = { name: string; result?: { state: string } | undefined };

/** As a scanner that is a keyboard types: one key every 5 ms by the browser's clock, however busy this machine is. */
export async function scan({ devtools }: Watched, code: string): Promise<void> {
  const began = Date.now() / 1000;
  const keys = [...code, 'Enter'];
  await Promise.all(
    keys.map((key, at) =>
      devtools.send('Input.dispatchKeyEvent', {
        ...{ type: 'keyDown', key, text: key === 'Enter' ? '\r' : key, timestamp: began + at * 0.005 },
        ...(key === 'Enter' ? { code: 'Enter', windowsVirtualKeyCode: 13 } : {}),
      }),
    ),
  );
}

/** When this text first stood in the page, by the clock that the page and this process share. To be asked before it does. */
export const shownAt = ({ page }: Watched, text: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => document.body.innerText.includes(${JSON.stringify(text)}) && resolve(Date.now());
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
  })`);

/** What can be pressed and is less than 48 px high or wide on a tablet, and what makes the page scroll sideways. */
export async function tooSmall({ page }: Watched): Promise<string[]> {
  await page.setViewportSize({ width: 1024, height: 1366 });
  const found = await page.evaluate(`(() => {
    const dialog = document.querySelector('[role=dialog]');
    const pressed = [...(dialog ?? document).querySelectorAll('button, a, input, textarea, select')];
    const small = pressed.filter((one) => one.checkVisibility() && !one.closest('.skip, [class*=skip]')).flatMap((one) => {
      const { width, height } = one.getBoundingClientRect();
      return Math.min(width, height) < 47.5 ? [one.outerHTML.slice(0, 120) + ' ' + width + ' x ' + height] : [];
    });
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...small, 'the page is ' + scrollWidth + ' px wide'] : small;
  })()`);
  await page.setViewportSize({ width: 1500, height: 950 });
  return found as string[];
}
