// The gallery: newest first, page after page, searching, filtering, the large view, new pictures live;
// stars, the trash, selections and their archive.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, isLive, openPage, picturesShown, shot } from './support/browser.mjs';
import { drop, droppedName } from './support/dropped.mjs';
import { Stage } from './support/host.mjs';

const kTwo = [{ name: 'Alpha', seconds: 0.1 }, { name: 'Beta', seconds: 0.1 }];

async function on(options, body) {
  const stage = await Stage.start({ endpoints: kTwo, ...options });
  try {
    const page = await openPage();
    await body(stage, page);
  } finally {
    await stage.stop();
  }
}

async function open(stage, page, query = '') {
  await page.goto(`${stage.url}/gallery${query}`);
  await isLive(page);
}

test('an empty gallery says so', () => on({}, async (stage, page) => {
  await open(stage, page);
  await page.getByText('No pictures yet.').waitFor();
  await closePage(page);
}));

test('pictures are searched by prompt and filtered by endpoint, newest first', () => on({}, async (stage, page) => {
  for (const prompt of ['a stormy harbour', 'a desert noon']) {
    await stage.waitFor((await stage.submit({ prompt, seed: 7 })).job_id);
  }
  await open(stage, page);
  await picturesShown(page, '.tile img', 4);
  assert.match(await page.locator('.tile .tile-prompt').first().textContent(), /desert/);
  await shot(page, 'gallery');

  await page.fill('#q', 'harbour');
  await picturesShown(page, '.tile img', 2);
  await page.selectOption('#endpoint', 'Beta');
  await picturesShown(page, '.tile img', 1);
  assert.equal(await page.locator('.tile-endpoint').textContent(), 'Beta');
  await page.reload();
  await picturesShown(page, '.tile img', 1);
  assert.equal(await page.inputValue('#q'), 'harbour');
  await page.fill('#q', 'nothing like it');
  await page.getByText('No picture fits.').waitFor();
  await closePage(page);
}));

test('the large view has the details, a download, and the way back to the form', () => on({}, async (stage, page) => {
  const { job_id: id } = await stage.submit({ prompt: 'a stormy harbour', seed: 7 });
  await stage.waitFor(id);
  await open(stage, page);
  await picturesShown(page, '.tile img', 2);
  await page.locator('.tile button').first().press('Enter');
  await picturesShown(page, '.lightbox .large', 1);
  const facts = await page.locator('.facts').textContent();
  for (const part of ['Seed7', id, ' × ']) assert.ok(facts.includes(part), `${part} in ${facts}`);
  await shot(page, 'gallery-large');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download', { exact: true }).click()]);
  assert.match(download.suggestedFilename(), /\.png$/);
  await page.getByText('Use again').click();
  await page.waitForURL(`${stage.url}/`);
  await page.waitForFunction(() => document.getElementById('prompt').value === 'a stormy harbour');
  assert.equal(await page.inputValue('#seed'), '7');
  await closePage(page);
}));

test('new pictures appear by themselves, in front', () => on({}, async (stage, page) => {
  await stage.waitFor((await stage.submit({ prompt: 'the old one' })).job_id);
  await open(stage, page);
  await picturesShown(page, '.tile img', 2);
  await stage.waitFor((await stage.submit({ prompt: 'the new one' })).job_id);
  await picturesShown(page, '.tile img', 4);
  assert.equal(await page.locator('.tile-prompt').first().textContent(), 'the new one');
  await closePage(page);
}));

const kMany = {
  prepare: (folder) => drop(path.join(folder, 'output'), 'dropped', 150, 1_700_000_000),
};

async function openMany(stage, page) {
  await open(stage, page);
  // The host looks through its folder while it is ready already.
  await page.waitForFunction(async () => (await (await fetch('/api/v1/gallery?limit=200')).json()).length === 150);
  await page.reload();
  await isLive(page);
}

test('a screen that shows the end all the time gets all pictures', () => on(kMany, async (stage, page) => {
  await page.setViewportSize({ width: 2000, height: 9000 });
  await openMany(stage, page);
  await page.locator('.tile').nth(149).waitFor();
  await closePage(page);
}));

test('scrolling down brings the older pictures, each one once', () => on(kMany, async (stage, page) => {
  await openMany(stage, page);
  await page.locator('.tile').nth(59).waitFor();
  const tiles = page.locator('.tile');
  for (let shown = await tiles.count(); shown < 150; shown = await tiles.count()) {
    await page.evaluate(() => window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
    await page.waitForFunction((before) => document.querySelectorAll('.tile').length > before, shown);
  }
  const names = await page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.dataset.filename));
  assert.deepEqual(names, Array.from({ length: 150 }, (_, i) => droppedName('dropped', 149 - i)));
  assert.equal(await page.locator('#more').isVisible(), false);
  await closePage(page);
}));

// Draws `count` times on both endpoints; resolves to the file names, newest first.
async function drawn(stage, prompts) {
  for (const prompt of prompts) await stage.waitFor((await stage.submit({ prompt, seed: 7 })).job_id);
  return (await stage.api('gallery')).map((entry) => entry.filename);
}

const tileOf = (page, name) => page.locator(`.tile[data-filename="${name}"]`);

test('thumbnails are shown, and the picture itself where there is none', () => on({}, async (stage, page) => {
  const [name] = await drawn(stage, ['a stormy harbour']);
  await page.route(`**/thumbnails/${name}`, (route) => route.fulfill({ status: 404 }));
  await open(stage, page);
  await picturesShown(page, '.tile img', 2);
  const sources = await page.locator('.tile img').evaluateAll((images) => images.map((image) => new URL(image.currentSrc).pathname));
  assert.equal(sources[0], `/images/${name}`);
  assert.match(sources[1], /^\/thumbnails\//);
  await closePage(page, [/404 .*\/thumbnails\//]);
}));

test('a star is given, kept and filtered for', () => on({}, async (stage, page) => {
  const [name] = await drawn(stage, ['a stormy harbour']);
  await open(stage, page);
  await tileOf(page, name).hover();
  await tileOf(page, name).getByRole('button', { name: 'Star' }).click();
  await page.locator(`.tile.starred[data-filename="${name}"]`).waitFor();
  await page.getByRole('button', { name: 'Starred' }).click();
  await picturesShown(page, '.tile img', 1);
  await page.reload();
  await picturesShown(page, '.tile img', 1);
  assert.equal((await stage.api('gallery?starred=true'))[0].filename, name);
  // By the keyboard, in the large view.
  await tileOf(page, name).locator('.tile-open').press('Enter');
  await page.locator('.lightbox').getByRole('button', { name: '★ Starred' }).waitFor();
  await page.keyboard.press('s');
  await page.locator('.lightbox').getByRole('button', { name: '☆ Star' }).waitFor();
  await page.waitForFunction(async () => (await (await fetch('/api/v1/gallery?starred=true')).json()).length === 0);
  await closePage(page);
}));

test('a deleted picture comes back with Undo, or out of the trash', () => on({}, async (stage, page) => {
  const [newest, other] = await drawn(stage, ['a stormy harbour', 'a desert noon']);
  await open(stage, page);
  await picturesShown(page, '.tile img', 4);
  await tileOf(page, newest).locator('.tile-open').focus();
  await page.keyboard.press('Delete');
  await page.getByText('The picture is in the trash.').waitFor();
  await picturesShown(page, '.tile img', 3);
  assert.equal(await page.evaluate(() => document.activeElement.closest('.tile').dataset.filename), other);
  await shot(page, 'gallery-undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  await picturesShown(page, '.tile img', 4);
  assert.equal(await page.locator('.tile').first().getAttribute('data-filename'), newest, 'at its old place');

  // From the large view this time; the next picture is shown instead.
  await tileOf(page, newest).locator('.tile-open').click();
  await page.locator('.lightbox').getByRole('button', { name: 'Delete' }).click();
  await page.locator('.lightbox .large').and(page.locator(`[src$="/${other}"]`)).waitFor();
  await page.locator('.lightbox .toast').getByText('in the trash').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Trash', exact: true }).click();
  await picturesShown(page, '.tile img', 1);
  await shot(page, 'gallery-trash');
  await tileOf(page, newest).hover();
  await tileOf(page, newest).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('The trash is empty.').waitFor();
  await page.getByRole('button', { name: 'Trash', exact: true }).click();
  await picturesShown(page, '.tile img', 4);
  await closePage(page);
}));

test('selected pictures are downloaded as one archive, or deleted together', () => on({}, async (stage, page) => {
  const names = await drawn(stage, ['a stormy harbour', 'a desert noon']);
  await open(stage, page);
  await picturesShown(page, '.tile img', 4);
  await tileOf(page, names[0]).locator('.tile-open').press('x');
  await tileOf(page, names[2]).locator('.tile-check').check();
  await page.getByText('2 pictures selected').waitFor();
  await shot(page, 'gallery-selected');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download as ZIP').click()]);
  assert.match(download.suggestedFilename(), /^pictures-.*\.zip$/);
  const bytes = await readFile(await download.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  for (const name of [names[0], names[2]]) assert.ok(bytes.includes(name), name);
  await page.locator('#selection').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 pictures are in the trash.').waitFor();
  await picturesShown(page, '.tile img', 2);
  assert.equal(await page.locator('#selection').isVisible(), false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await picturesShown(page, '.tile img', 4);
  await closePage(page);
}));

test('another page sees stars and deletions as they happen', () => on({}, async (stage, page) => {
  const [name, other] = await drawn(stage, ['a stormy harbour']);
  await open(stage, page);
  await picturesShown(page, '.tile img', 2);
  await stage.api(`gallery/${name}/star`, { method: 'PUT' });
  await page.locator(`.tile.starred[data-filename="${name}"]`).waitFor();
  await stage.api(`gallery/${other}`, { method: 'DELETE' });
  await picturesShown(page, '.tile img', 1);
  await stage.api(`gallery/${other}/restore`, { method: 'POST' });
  await picturesShown(page, '.tile img', 2);
  await closePage(page);
}));
