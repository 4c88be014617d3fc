import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { PersonKey } from '../../src/domain/people.ts';
import { type PasskeySignInAsked, sessionHeader } from '../../src/edges/http/contract/session.ts';
import { listenHttp } from '../../src/edges/http/listen.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { keyIdOf, publicPem } from '../../src/signing/keys.ts';
import { gatewayActor, type Known, openScreensFloor, type ScreensFloor } from './screens-floor.ts';
import { SoftwareAuthenticator } from './software-authenticator.ts';
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
  const browser = await theBrowser();
  const passkeys = new Map<string, SoftwareAuthenticator>();
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
    signIn: (who: Known, at = '/app/') => signIn({ floor, browser, origin, passkeys }, who, at),
    stranger: async (at: string) => openPage(await newContext(browser), `${origin()}${at}`),
    async close(): Promise<void> {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await network.close();
      await door.close();
      await floor.close();
    },
  };
}

let launched: Promise<Browser> | undefined;

/** One for all stages of a process, which takes it along. Each person before it has a context of their own. */
const theBrowser = (): Promise<Browser> => {
  launched ??= chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', ...quiet],
  });
  return launched;
};

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

/** For a program that goes on, or ends by itself, without a browser. */
export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
  launched = undefined;
}

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1500, height: 950 } });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(counting);
  return context;
}

async function openPage(context: BrowserContext, url: string): Promise<Watched> {
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

/** Kept by the page itself: how many answers are awaited, without the stream of news, which never ends. */
const counting = `(() => {
  const ask = window.fetch;
  window.awaited = 0;
  window.fetch = async (...asked) => {
    if (String(asked[0]).endsWith('/events')) return ask(...asked);
    window.awaited += 1;
    try {
      return await ask(...asked);
    } finally {
      setTimeout(() => (window.awaited -= 1));
    }
  };
})()`;

/** Everything that it asked for is there and drawn: nothing is awaited any more, frame after frame, and nothing loads. */
export async function settled({ page }: Watched): Promise<void> {
  const drawn = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    const text = document.querySelector('main#page')?.innerText;
    resolve(window.awaited === 0 && text !== undefined && !/^(Loading|Reading|Computing the path)?…$/m.test(text));
  }))))`;
  for (let quiet = 0; quiet < 3; ) quiet = (await page.evaluate(drawn)) ? quiet + 1 : 0;
}

type Place = {
  floor: ScreensFloor;
  browser: Browser;
  origin: () => string;
  passkeys: Map<string, SoftwareAuthenticator>;
};

const rpId = 'localhost';

/** Signed in by a passkey, which two administrators enrolled the first time, at a deep link; the page holds the same passkey. */
async function signIn({ floor, browser, origin, passkeys }: Place, who: Known, at: string): Promise<Watched> {
  const id = who.person.id;
  const passkey = passkeys.get(id) ?? (await enrolPasskey(floor, who, origin()));
  passkeys.set(id, passkey);
  // As if it had signed meanwhile: no counter goes back, whichever browser asked last.
  passkey.counter += 1_000;
  const context = await newContext(browser);
  await beginSession(context, passkey, origin());
  const watched = await openPage(context, `${origin()}${at}`);
  const authenticatorId = await newAuthenticator(watched);
  await watched.devtools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      ...{ isResidentCredential: true, rpId, signCount: passkey.counter },
      credentialId: passkey.credentialId.toString('base64'),
      privateKey: passkey.key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      userHandle: Buffer.from(id).toString('base64'),
    },
  });
  // On a kiosk there is no navigation: the page itself says that it is there.
  await watched.page.locator('main#page').waitFor();
  return { ...watched, authenticatorId };
}

/** By the two requests that the page of the way in makes; a story of its own goes through that page. */
async function beginSession(context: BrowserContext, passkey: SoftwareAuthenticator, origin: string): Promise<void> {
  const url = `${origin}/session/passkey`;
  const { publicKey } = (await (await context.request.get(url)).json()) as PasskeySignInAsked;
  const credential = passkey.assert({ challenge: publicKey.challenge, rpId, origin });
  const answer = await context.request.post(url, { data: { credential }, headers: { origin, [sessionHeader]: '1' } });
  if (!answer.ok()) throw new Error(`Not signed in: ${await answer.text()}`);
}

/** Another page of the screens, as a link in them leads there: the document stays. */
export async function visit({ page }: Watched, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
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

async function enrolPasskey(floor: ScreensFloor, who: Known, origin: string): Promise<SoftwareAuthenticator> {
  const passkey = new SoftwareAuthenticator(who.person.id);
  const { key, credentialId } = passkey;
  const enrolled: PersonKey = {
    ...{ assurance: 'passkey', keyId: keyIdOf(key), publicKey: publicPem(key) },
    ...{ credentialId: credentialId.toString('base64url'), rpId, origin, counter: 0 },
  };
  await floor.change({ kind: 'person.key-add', person: who.person.id, key: enrolled });
  return passkey;
}

type Found = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

/** What axe finds serious or worse; nothing is to be. */
export async function seriousViolations({ devtools }: Watched, only?: readonly string[]): Promise<string[]> {
  // By the protocol, as the page's own policy lets nobody put a script into it; once a document.
  const known = await devtools.send('Runtime.evaluate', { expression: 'typeof axe' });
  if (known.result.value === 'undefined') await devtools.send('Runtime.evaluate', { expression: axe.source });
  // Style sheets are read for nothing that is asked here but a rule about turned screens.
  const options = { resultTypes: ['violations'], preload: false, ...(only && { runOnly: only }) };
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
  await page.evaluate('scrollTo(0, 0)');
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: 'attached' });
    await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`), fullPage: true });
    // The document is the same in the dark; its colours are not.
    const rules = scheme === 'dark' ? ['color-contrast'] : undefined;
    expect(await seriousViolations(watched, rules), `${name} ${scheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
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

/** By the Tab key alone, as who has no mouse gets there, and sees where they are. */
export async function tabTo({ page }: Watched, name: RegExp): Promise<void> {
  const focused = `(document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? '')`;
  for (let at = 0; at < 40; at += 1) {
    if (name.test(String(await page.evaluate(focused)))) {
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`), `${name} focused`).not.toBe(
        'none',
      );
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`nothing called ${name} is reached by Tab`);
}

/** As `tabTo`, and pressed. */
export async function pressByKey(watched: Watched, name: RegExp): Promise<void> {
  await tabTo(watched, name);
  await watched.page.keyboard.press('Enter');
}
