// One Chromium for all tests, a fresh profile for each page; what goes wrong in a page is remembered.
import assert from 'node:assert/strict';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumFile, shotsFolder } from './options.mjs';

const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const kPatienceMs = 15_000;

let opening = null;

export async function closeBrowser() {
  await (await opening)?.close();
}

export async function openPage(options = {}) {
  opening ??= chromium.launch({ executablePath: chromiumFile, args: kFlags });
  const browser = await opening;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(kPatienceMs);
  page.faults = [];
  page.foreign = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    page.faults.push(`${message.text()} ${url}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') page.foreign.push(request.url());
  });
  return page;
}

// Closes the page and fails when its console holds an error that the test did not call for.
export async function closePage(page, expected = []) {
  const faults = page.faults.filter((text) => ![...expected, ...kBenign].some((pattern) => pattern.test(text)));
  await page.context().close();
  assert.deepEqual(faults, [], 'errors in the browser console');
  assert.deepEqual(page.foreign, [], 'requests to other machines');
}

// Chromium itself reports these; a preview may be gone by the time it is asked for.
const kBenign = [/404 .*\/previews\//];

// For tests that take pictures away while a page may still load them.
export const kTakenAway = [/404 .*\/(images|thumbnails)\//];

export async function shot(page, name, options = {}) {
  await page.screenshot({ path: path.join(shotsFolder, `${name}.png`), ...options });
}

export async function openCreate(stage, options) {
  const page = await openPage(options);
  await page.goto(`${stage.url}/`);
  await isLive(page);
  return page;
}

export async function isLive(page) {
  await page.locator('#link-state[data-state="live"]').waitFor();
}

// As for a page that is left and kept for the back button: its event stream is away during `body`.
export async function sleeping(page, body) {
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await body();
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
}

// Holds what the page asks for at `pattern` until `release()`; `asked` resolves at the first of it. With `answered` the
// host has answered by then, and its answer is held.
export async function held(page, pattern, { answered = false } = {}) {
  let ask;
  let release;
  const asked = new Promise((resolve) => { ask = resolve; });
  const released = new Promise((resolve) => { release = resolve; });
  await page.route(pattern, async (route) => {
    ask();
    const response = answered ? await route.fetch() : null;
    await released;
    // The page may have thought better of it.
    await (response ? route.fulfill({ response }) : route.continue()).catch(() => {});
  });
  return { asked, release };
}

// Types a prompt and sends it; resolves to the job's card.
export async function create(page, prompt, fields = {}) {
  await page.fill('#prompt', prompt);
  for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, String(value));
  const answered = page.waitForResponse((response) => response.url().endsWith('/generate') && response.ok());
  await page.click('#submit');
  const { job_id: id } = await (await answered).json();
  return { id, card: page.locator(`.job[data-job="${id}"]`) };
}

// By the keyboard: what arrives meanwhile may move it away from under a pointer.
export async function toggleAdvanced(page) {
  await page.press('.advanced summary', 'Enter');
}

export async function hasStatus(card, status, timeout = kPatienceMs) {
  await card.and(card.page().locator(`[data-status="${status}"]`)).waitFor({ timeout });
}

// Waits until so many pictures are really shown, not only promised.
export async function picturesShown(page, selector, count) {
  await page.waitForFunction(([css, wanted]) => {
    const images = [...document.querySelectorAll(css)];
    return images.length === wanted && images.every((image) => image.complete && image.naturalWidth > 0);
  }, [selector, count]);
}

export async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
