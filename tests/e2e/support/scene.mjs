// What the tests of both scene pages do: read the JSON, wait for a sent job, hand in a picture.
import assert from 'node:assert/strict';
import { picturesShown } from './browser.mjs';
import { png } from './png.mjs';

export const picture = { name: 'sunset.png', mimeType: 'image/png', buffer: png(120, 80, [200, 60, 20]) };

export async function sceneOf(page) {
  return JSON.parse(await page.inputValue('#scene-text'));
}

// Waits for the job that was sent last; resolves to it as the host tells it.
export async function sentJob(stage, page, count) {
  const card = page.locator('.sent').first();
  await card.and(page.locator('[data-status="completed"]')).waitFor();
  await picturesShown(page, '.sent:first-child .thumbs img', count);
  assert.match(await card.locator('.thumbs a').first().getAttribute('href'), /^\/images\//);
  assert.equal(await card.locator('.generator-link').getAttribute('href'), `${stage.url}/`);
  return stage.api(`status/${await card.getAttribute('data-job')}`);
}
