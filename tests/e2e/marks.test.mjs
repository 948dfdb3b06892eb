// Stars and the trash on the page of the jobs, by this page and by others.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, create, hasStatus, isLive, kTakenAway, openCreate, openPage, picturesShown, shot, sleeping } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { png } from './support/png.mjs';

async function on(body) {
  const stage = await Stage.start({ endpoints: [{ name: 'Alpha', seconds: 0.1 }, { name: 'Beta', seconds: 0.1 }] });
  try {
    await body(stage);
  } finally {
    await stage.stop();
  }
}

// A finished job on the page of the jobs.
async function twoPictures(stage) {
  const page = await openCreate(stage);
  const { id, card } = await create(page, 'a quiet lake');
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 2);
  const names = (await stage.api(`gallery?job_id=${id}`)).map((image) => image.filename);
  return { page, id, card, names };
}

test('a picture is starred, deleted and restored in the large view of a job', () => on(async (stage) => {
  const { page, id, card } = await twoPictures(stage);
  const [name] = (await stage.api(`gallery?job_id=${id}&endpoint=Alpha`)).map((image) => image.filename);
  const entry = async (query = '') => (await stage.api(`gallery?job_id=${id}${query}`)).find((image) => image.filename === name);
  await card.locator('.picture').first().click();
  const large = page.locator('.lightbox');
  await page.keyboard.press('s');
  await large.getByText('★ Starred').waitFor();
  assert.equal((await entry()).starred, true);
  await shot(page, 'marks-large');
  await page.keyboard.press('Delete');
  await large.getByText('Restore').waitFor();
  await large.getByText('The picture is in the trash.').waitFor();
  assert.ok((await entry('&trashed=true')).trashed_at);
  await page.keyboard.press('Escape');
  await card.locator('.picture.trashed', { hasText: 'in the trash' }).waitFor();
  await shot(page, 'marks-trashed');

  await page.reload();
  await isLive(page);
  await card.locator('.picture.trashed').click();
  await large.getByText('Restore').click();
  await large.getByText('★ Starred').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await card.locator('.picture.trashed').count(), 0);
  assert.ok(await entry());
  await closePage(page);
}));

test('a job\'s card follows what others do to its pictures', () => on(async (stage) => {
  const { page, card, names: [first, second] } = await twoPictures(stage);
  await stage.api(`gallery/${first}`, { method: 'DELETE' });
  await card.locator('.picture.trashed').waitFor();
  await stage.api(`gallery/${first}/restore`, { method: 'POST' });
  await card.locator('.picture:not(.trashed)').nth(1).waitFor();
  await rm(path.join(stage.output, second));
  await card.locator('.cell-note', { hasText: 'deleted' }).waitFor();
  await closePage(page, kTakenAway);
}));

test('a picture that was restored while the page slept is no longer shown as in the trash', () => on(async (stage) => {
  const { page, card, names: [first, second] } = await twoPictures(stage);
  await stage.api(`gallery/${first}`, { method: 'DELETE' });
  await card.locator('.picture.trashed').waitFor();
  await card.locator('.picture.trashed').click();
  await page.locator('.lightbox').getByText('Restore').waitFor();
  await sleeping(page, () => stage.api(`gallery/${first}/restore`, { method: 'POST' }));
  await page.locator('.lightbox').getByRole('button', { name: 'Delete' }).waitFor();
  await card.locator('.picture:not(.trashed)').nth(1).waitFor();
  await sleeping(page, () => stage.api(`gallery/${second}`, { method: 'DELETE' }));
  await card.locator('.picture.trashed').waitFor();
  await closePage(page, kTakenAway);
}));

test('an open gallery shows files that are dropped into the folder, and loses those that are deleted by hand', () => on(async (stage) => {
  const page = await openPage();
  await page.goto(`${stage.url}/gallery`);
  await isLive(page);
  await page.getByText('No pictures yet.').waitFor();
  await writeFile(path.join(stage.output, 'mine.png'), png(64, 48, [30, 90, 200]));
  await picturesShown(page, '.tile[data-filename="mine.png"] img', 1);
  await rm(path.join(stage.output, 'mine.png'));
  await page.locator('.tile').waitFor({ state: 'detached' });
  await page.getByText('No pictures yet.').waitFor();
  await closePage(page);
}));
