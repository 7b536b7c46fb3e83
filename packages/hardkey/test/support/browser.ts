// Chromium, for tests of what runs in a browser. The simplest use is one call:
//
//   const chromium = component('chromium');
//   test('…', { skip: chromium.missing ?? false }, async () => {
//     const answer = await runInBrowser(chromium.path, join(import.meta.dirname, 'in-page.ts'), input);
//   });
//
// where in-page.ts exports `run(input)`. A test that acts on a page itself takes `openPage`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { bundle, type Files } from './bundle.ts';

/** A page of a site of its own, in a browser of its own. */
export interface OpenPage {
  /** What drives the page; it is at the site's root. */
  readonly page: Page;
  /** Where the site is: loopback, which browsers count as secure, and a free port. */
  readonly origin: string;
  /** Paths that the server was asked for, in their order. */
  readonly requests: readonly string[];
  /** Errors that nothing in the page caught, and what it wrote as errors to its console. */
  readonly problems: readonly string[];
  /** Stops the server alone: the page is offline, and a service worker must answer. */
  stopServing(): Promise<void>;
  /** Ends the browser and the server. */
  close(): Promise<void>;
}

/** `--no-sandbox` because tests may run as root; the others keep it from the network and the display. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Loads a module in an empty page, calls the function `run` that it exports, and returns what that
 * resolves to. Input and output are JSON. What `run` throws is thrown here, and so is any other error of the page.
 */
export async function runInBrowser(executablePath: string, entry: string, input?: unknown): Promise<unknown> {
  const bundled = await bundle(entry);
  const { page, problems, close } = await openPage(executablePath, bundled.files);
  try {
    const result = await page.evaluate(
      async ({ path, text }) => {
        const module = (await import(path)) as { readonly run: (input: unknown) => unknown };
        return JSON.stringify((await module.run(JSON.parse(text))) ?? null);
      },
      { path: bundled.entry, text: JSON.stringify(input ?? null) },
    );
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return JSON.parse(result) as unknown;
  } finally {
    await close();
  }
}

/** Serves the files and opens the site, with flags of the browser; `/` is `/index.html`, or empty without one. */
export async function openPage(
  executablePath: string,
  files: Files,
  flags: readonly string[] = [],
): Promise<OpenPage> {
  const requests: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://site').pathname;
    requests.push(path);
    const found = path === '/' ? (files.get('/index.html') ?? EMPTY) : files.get(path);
    response.writeHead(found === undefined ? 404 : 200, {
      'content-type': path === '/' ? TYPES['.html'] : (TYPES[extname(path)] ?? 'application/octet-stream'),
    });
    response.end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stopServing = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  try {
    const opened = await launch(executablePath, origin, flags);
    const close = async () => {
      await opened.close();
      await stopServing();
    };
    return { ...opened, origin, requests, stopServing, close };
  } catch (error) {
    await stopServing();
    throw error;
  }
}

const EMPTY = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>empty</title></html>';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

async function launch(executablePath: string, origin: string, flags: readonly string[]) {
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(origin);
    return { page, problems, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
