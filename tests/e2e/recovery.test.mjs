// What goes on when something is lost: a reload, the event stream, the host itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, isLive, openCreate, openPage, picturesShown } from './support/browser.mjs';
import { Stage } from './support/host.mjs';

const kTwo = [{ name: 'Alpha', seconds: 0.4 }, { name: 'Beta', seconds: 0.6 }];

async function on(body) {
  const stage = await Stage.start({ endpoints: kTwo });
  try {
    await body(stage);
  } finally {
    await stage.stop();
  }
}

test('a reload in the middle keeps the job, and its pictures go on arriving', () => on(async (stage) => {
  const page = await openCreate(stage);
  stage.hold('Beta');
  const { card } = await create(page, 'a quiet lake', { count: 4 });
  await card.locator('.picture').nth(1).waitFor();
  await page.reload();
  await hasStatus(card, 'running');
  await card.locator('.picture').nth(1).waitFor();
  stage.release('Beta');
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 8);
  await page.reload();
  await picturesShown(page, '.job .picture img', 8);
  await closePage(page);
}));

test('without the event stream the pictures arrive all the same', () => on(async (stage) => {
  const page = await openPage();
  await page.route('**/api/v1/events', (route) => route.abort());
  await page.goto(`${stage.url}/`);
  await page.locator('#link-state[data-state="polling"]').waitFor();
  const { card } = await create(page, 'a quiet lake', { count: 2 });
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 4);
  await closePage(page, [/ERR_FAILED/]);
}));

test('the plug is pulled: the page finds the host again and the job is finished', () => on(async (stage) => {
  const page = await openCreate(stage);
  const { id, card } = await create(page, 'a quiet lake', { count: 4 });
  await card.locator('.picture').first().waitFor();
  await stage.pullThePlug();
  await page.locator('#link-state[data-state="offline"]').waitFor();
  await stage.startHost();
  await isLive(page);
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 8);
  assert.equal((await stage.api('gallery')).filter((image) => image.job_id === id).length, 8);
  await closePage(page, [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_NETWORK/]);
}));

test('while the host is away a submission says so and keeps what was typed', () => on(async (stage) => {
  const page = await openCreate(stage);
  await stage.pullThePlug();
  await page.fill('#prompt', 'a quiet lake');
  await page.click('#submit');
  await page.locator('#form-error', { hasText: 'does not answer' }).waitFor();
  assert.equal(await page.inputValue('#prompt'), 'a quiet lake');
  await stage.startHost();
  await page.click('#submit');
  await hasStatus(page.locator('.job'), 'completed');
  assert.equal((await stage.api('jobs')).length, 1);
  await closePage(page, [/ERR_/]);
}));

test('a picture that got lost on the way is loaded again', () => on(async (stage) => {
  const page = await openCreate(stage);
  const lost = new Set();
  await page.route(/\/(images|thumbnails)\//, (route) => {
    const url = route.request().url();
    if (lost.has(url)) return route.continue();
    lost.add(url);
    return route.abort();
  });
  const { card } = await create(page, 'a quiet lake');
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 2);
  assert.ok(lost.size >= 2);
  await closePage(page, [/ERR_FAILED/]);
}));
