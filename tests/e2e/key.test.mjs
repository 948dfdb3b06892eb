// A host that asks for keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, openPage, picturesShown, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { picture } from './support/scene.mjs';

test('the key is asked for once and then kept', async () => {
  const stage = await Stage.start({
    endpoints: [{ name: 'Alpha', seconds: 0.1 }], config: { api_keys: ['correct-horse-battery'] },
  });
  try {
    const page = await openPage();
    await page.goto(`${stage.url}/`);
    await page.locator('.key-dialog').waitFor();
    await shot(page, 'key');
    await page.fill('#key-input', 'wrong-key-of-mine');
    await page.getByText('Use this key').click();
    await page.locator('#key-error', { hasText: 'not known' }).waitFor();
    await page.fill('#key-input', 'correct-horse-battery');
    await page.getByText('Use this key').click();
    await page.locator('#link-state[data-state="live"]').waitFor();
    assert.equal(await page.locator('dialog[open]').count(), 0);
    const { card } = await create(page, 'a quiet lake');
    await hasStatus(card, 'completed');
    await picturesShown(page, '.job .picture img', 1);
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie.name, cookie.sameSite], ['ipl_key', 'Strict']);
    await page.reload();
    await picturesShown(page, '.job .picture img', 1);
    assert.equal(await page.locator('dialog').filter({ hasText: 'API key' }).count(), 0);
    await closePage(page, [/401/]);
  } finally {
    await stage.stop();
  }
});

test('the vision page asks for the key too; a service that is switched off has no link', async () => {
  const stage = await Stage.start({
    endpoints: [{ name: 'Alpha', seconds: 0.1 }],
    config: { api_keys: ['correct-horse-battery'], services: { create_json: false } },
  });
  try {
    const page = await openPage();
    await page.goto(`${stage.urls.json_from_image}/`);
    await page.fill('#key-input', 'correct-horse-battery');
    await page.getByText('Use this key').click();
    await page.locator('#model option', { hasText: 'lens' }).waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Create' }).waitFor();
    assert.equal(await page.locator('nav a[data-service="create_json"]').isVisible(), false);
    await page.setInputFiles('#picture-file', picture);
    await page.click('#submit');
    await page.locator('#scene-state[data-state="valid"]').waitFor();
    await page.click('#edit');
    await page.getByText('is it switched on?').waitFor();
    await page.click('#send');
    await page.locator('.sent[data-status="completed"] .thumbs img').waitFor();
    await closePage(page, [/401/]);
  } finally {
    await stage.stop();
  }
});
