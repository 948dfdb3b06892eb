// A gallery whose pictures change while it is open: by much at once, while its filter changes, while it sleeps.
import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, held, isLive, kTakenAway, openPage, picturesShown, sleeping } from './support/browser.mjs';
import { drop, droppedName } from './support/dropped.mjs';
import { Stage } from './support/host.mjs';

async function on(prepare, body) {
  const stage = await Stage.start({ endpoints: [{ name: 'Alpha', seconds: 0.1 }], prepare });
  try {
    const page = await openPage();
    await page.goto(`${stage.url}/gallery`);
    await isLive(page);
    await body(stage, page);
  } finally {
    await stage.stop();
  }
}

const tileOf = (page, name) => page.locator(`.tile[data-filename="${name}"]`);
const old = (i) => droppedName('old', i);
const kSeventy = (folder) => drop(path.join(folder, 'output'), 'old', 70, 1_700_000_000);

test('a folder that changes much leaves the open picture, the selection and the place: Delete hits no other', () => on(kSeventy, async (stage, page) => {
  await tileOf(page, old(69)).waitFor();
  await tileOf(page, old(30)).locator('.tile-open').press('x');
  await tileOf(page, old(29)).locator('.tile-open').click();
  const large = page.locator('.lightbox .large');
  await large.and(page.locator(`[src$="/${old(29)}"]`)).waitFor();

  const other = path.join(stage.folder, 'other');
  await drop(other, 'new', 60, 1_700_000_100);
  for (let i = 31; i < 70; ++i) rmSync(path.join(stage.output, old(i)));
  for (let i = 0; i < 60; ++i) renameSync(path.join(other, droppedName('new', i)), path.join(stage.output, droppedName('new', i)));
  await page.locator('.lightbox .place', { hasText: '62 of ' }).waitFor();
  assert.match(await large.getAttribute('src'), new RegExp(`/${old(29)}$`));

  await page.keyboard.press('Delete');
  await page.locator('.lightbox .toast').getByText('in the trash').waitFor();
  assert.deepEqual((await stage.api('gallery?trashed=true')).map(({ filename }) => filename), [old(29)]);
  await large.and(page.locator(`[src$="/${old(28)}"]`)).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('1 picture selected').waitFor();
  assert.ok(await tileOf(page, old(30)).locator('.tile-check').isChecked());
  const { y } = await tileOf(page, old(30)).boundingBox();
  assert.ok(y > -100 && y < 900, `still in sight, not at ${y}`);
  await closePage(page, kTakenAway);
}));

test('the open picture is deleted among many: its neighbour is shown, whatever came before it', () => on(kSeventy, async (stage, page) => {
  await tileOf(page, old(50)).locator('.tile-open').click();
  for (let i = 0; i < 70; ++i) if (i < 15 || i > 30) rmSync(path.join(stage.output, old(i)));
  await page.locator('.lightbox .large').and(page.locator(`[src$="/${old(30)}"]`)).waitFor();
  await closePage(page, kTakenAway);
}));

test('an answer for another filter that comes late mixes no pictures in', () => on(undefined, async (stage, page) => {
  await stage.waitFor((await stage.submit({ prompt: 'a desert noon' })).job_id);
  await picturesShown(page, '.tile img', 1);
  const all = await held(page, /\/api\/v1\/gallery\?(?!.*q=)/);
  await stage.waitFor((await stage.submit({ prompt: 'a stormy harbour' })).job_id);
  await all.asked;
  const narrowed = page.waitForResponse((response) => response.url().includes('q=desert'));
  await page.fill('#q', 'desert');
  await (await narrowed).finished();
  // What has arrived is asked for again, with what is wanted by now.
  const again = page.waitForResponse((response) => response.url().includes('q=desert'));
  all.release();
  await (await again).finished();
  assert.deepEqual(await page.locator('.tile-prompt').allTextContents(), ['a desert noon']);
  await closePage(page);
}));

test('a star that is written after the starred pictures were listed brings its picture to them', () => on(undefined, async (stage, page) => {
  await stage.waitFor((await stage.submit({ prompt: 'a desert noon' })).job_id);
  await picturesShown(page, '.tile img', 1);
  const star = await held(page, '**/star');
  await page.locator('.tile').hover();
  await page.locator('.tile').getByRole('button', { name: 'Star' }).click();
  await page.getByRole('button', { name: 'Starred' }).click();
  await page.getByText('No picture fits.').waitFor();
  star.release();
  await picturesShown(page, '.tile img', 1);
  await closePage(page);
}));

test('a picture that is thrown away while the trash is opened stays in it', () => on(undefined, async (stage, page) => {
  await stage.waitFor((await stage.submit({ prompt: 'a desert noon' })).job_id);
  await picturesShown(page, '.tile img', 1);
  const deletion = await held(page, /\/api\/v1\/gallery\/[^/]+$/, { answered: true });
  await page.locator('.tile .tile-open').focus();
  await page.keyboard.press('Delete');
  await page.getByText('No pictures yet.').waitFor();
  await page.getByRole('button', { name: 'Trash', exact: true }).click();
  await page.locator('.tile').waitFor();
  deletion.release();
  await page.getByText('The picture is in the trash.').waitFor();
  assert.equal(await page.locator('.tile').count(), 1);
  await closePage(page);
}));

test('a page that slept shows what was done meanwhile', () => on(undefined, async (stage, page) => {
  for (const prompt of ['one', 'two']) await stage.waitFor((await stage.submit({ prompt })).job_id);
  await picturesShown(page, '.tile img', 2);
  const [starred, deleted] = (await stage.api('gallery')).map(({ filename }) => filename);
  await sleeping(page, async () => {
    await stage.api(`gallery/${starred}/star`, { method: 'PUT' });
    await stage.api(`gallery/${deleted}`, { method: 'DELETE' });
  });
  await page.locator(`.tile.starred[data-filename="${starred}"]`).waitFor();
  await tileOf(page, deleted).waitFor({ state: 'detached' });
  await closePage(page);
}));
