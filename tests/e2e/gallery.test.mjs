// The gallery: newest first, page after page, searching, filtering, the large view, new pictures live.
import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, isLive, openPage, picturesShown, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { png } from './support/png.mjs';

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
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
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

test('scrolling down brings the older pictures, each one once', () => on({
  prepare: async (folder) => {
    await mkdir(path.join(folder, 'output'));
    await Promise.all(Array.from({ length: 150 }, async (_, i) => {
      const file = path.join(folder, 'output', `dropped-${String(i).padStart(3, '0')}.png`);
      await writeFile(file, png(60, 40, [i, 120, 200 - i]));
      await utimes(file, 1_700_000_000 + i, 1_700_000_000 + i);
    }));
  },
}, async (stage, page) => {
  const until = Date.now() + 10_000;
  while ((await stage.api('gallery?limit=200')).length < 150 && Date.now() < until) {
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
  await open(stage, page);
  await page.locator('.tile').nth(59).waitFor();
  for (let turn = 0; turn < 30 && await page.locator('.tile').count() < 150; ++turn) {
    await page.evaluate(() => window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
    await page.waitForTimeout(100);
  }
  const names = await page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.dataset.filename));
  assert.deepEqual(names, Array.from({ length: 150 }, (_, i) => `dropped-${String(149 - i).padStart(3, '0')}.png`));
  assert.equal(await page.locator('#more').isVisible(), false);
  await closePage(page);
}));
