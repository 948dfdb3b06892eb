// The vision page: a picture is looked at, the scene is edited and sent, or handed to the scene editor.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, openPage, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { picture, sceneOf, sentJob } from './support/scene.mjs';

async function on(vision, body) {
  const stage = await Stage.start({ endpoints: [{ name: 'Alpha', seconds: 0.1 }, { name: 'Beta', seconds: 0.1 }], vision });
  try {
    const page = await openPage({ acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`${stage.urls.json_from_image}/`);
    await page.locator('nav a[data-service="create_json"][href]').waitFor();
    await body(stage, page);
  } finally {
    await stage.stop();
  }
}

async function analyze(page) {
  await page.setInputFiles('#picture-file', picture);
  await page.locator('#picture-preview').waitFor();
  await page.click('#submit');
}

const isValid = (page) => page.locator('#scene-state[data-state="valid"]').waitFor();

test('a picture becomes a scene, which is edited and sent; its pictures are shown', () => on(undefined, async (stage, page) => {
  await page.fill('#steering', 'film noir');
  await analyze(page);
  await isValid(page);
  assert.match(await page.textContent('#analysis-state'), /^Done in [\d.]+ s\.$/);
  const scene = await sceneOf(page);
  assert.equal(scene.camera.aspect_ratio, '3:2');
  assert.match(JSON.stringify(scene), /film noir/);

  await page.fill('#scene-text', JSON.stringify({ ...scene, mood: 'hopeful' }));
  await page.click('#send');
  const job = await sentJob(stage, page, 2);
  assert.equal(job.request.prompt, JSON.stringify({ ...scene, mood: 'hopeful' }, null, 2));
  await shot(page, 'vision-sent', { fullPage: true });
  await closePage(page);
}));

test('when the answer to a scene that was sent is lost, the repeat makes no second job', () => on(undefined, async (stage, page) => {
  await page.evaluate(() => { document.getElementById('result').hidden = false; });
  await page.fill('#scene-text', JSON.stringify({ scene: 'a pier' }));
  await isValid(page);
  let lost = 0;
  const keys = new Set();
  await page.route('**/api/send', async (route) => {
    keys.add(route.request().headers()['idempotency-key']);
    if (lost++ > 0) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.dblclick('#send');
  await sentJob(stage, page, 2);
  assert.deepEqual([lost, keys.size, keys.has(undefined)], [2, 1, false]);
  assert.equal((await stage.api('jobs')).length, 1);
  await closePage(page, [/ERR_FAILED/]);
}));

test('a picture can be dropped and pasted; a file that is none is refused', () => on(undefined, async (stage, page) => {
  const hand = (type, base64) => page.evaluate(([event, data]) => {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], `${event}.png`, { type: 'image/png' }));
    const init = { bubbles: true, cancelable: true };
    if (event === 'drop') document.getElementById('picture-drop').dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: transfer }));
    else document.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: transfer }));
  }, [type, base64]);
  const base64 = picture.buffer.toString('base64');
  await hand('drop', base64);
  await page.getByText('drop.png').waitFor();
  await hand('paste', base64);
  await page.getByText('paste.png').waitFor();
  await page.click('#picture-remove');
  await page.setInputFiles('#picture-file', { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') });
  await page.getByText('Only JPEG, PNG, WebP and GIF pictures are accepted.').waitFor();
  await page.click('#submit');
  await page.getByText('Choose, drop or paste a picture.').waitFor();
  await closePage(page);
}));

test('the scene is copied and downloaded; what is no JSON cannot be sent', () => on(undefined, async (stage, page) => {
  await analyze(page);
  await isValid(page);
  const text = await page.inputValue('#scene-text');
  await page.click('#copy');
  await page.getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  assert.equal(await readFile(await file.path(), 'utf8'), text);

  await page.fill('#scene-text', '{"scene": ');
  await page.locator('#scene-state[data-state="invalid"]').waitFor();
  assert.ok(await page.isDisabled('#send'));
  assert.ok(await page.isDisabled('#edit'));
  await closePage(page);
}));

test('a model of one\'s choice looks at the picture', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ipl-e2e-'));
  const log = path.join(folder, 'llm.log');
  await on(['--seconds', '0.1', '--model', 'another-model', '--log', log], async (stage, page) => {
    await page.locator('#model option[value="another-model"]').waitFor({ state: 'attached' });
    await page.selectOption('#model', 'another-model');
    await page.fill('#steering', 'a lighthouse');
    await analyze(page);
    await isValid(page);
    assert.match((await sceneOf(page)).scene, /^A scene of /);
    assert.match(await readFile(log, 'utf8'), /"model":"another-model"/);
    await closePage(page);
  });
  await rm(folder, { recursive: true });
});

test('what a model says instead of a scene is shown with the error', () => on(['--fault', 'not-json', '--seconds', '0.05'], async (stage, page) => {
  await analyze(page);
  await page.locator('#form-error:not([hidden])').waitFor();
  await page.click('#raw summary');
  assert.notEqual((await page.textContent('#raw-text')).trim(), '');
  await shot(page, 'vision-error');
  assert.ok(await page.isEnabled('#submit'));
  await closePage(page, [/502 .*\/api\/analyze/]);
}));

test('an analysis that takes too long is cancelled', () => on(['--fault', 'hang'], async (stage, page) => {
  await analyze(page);
  await page.locator('#analysis-state', { hasText: /Looking at the picture… [1-9]/ }).waitFor();
  await shot(page, 'vision-running');
  await page.click('#cancel');
  await page.getByText(/^Cancelled after/).first().waitFor();
  assert.ok(await page.isEnabled('#submit'));
  assert.ok(await page.isHidden('#cancel'));
  await closePage(page);
}));

test('a scene is handed to the scene editor, unless it is too long for an address', () => on(undefined, async (stage, page) => {
  await analyze(page);
  await isValid(page);
  const scene = { ...await sceneOf(page), mood: 'größer – 夕焼け 🌅' };
  await page.fill('#scene-text', JSON.stringify(scene));
  const [editor] = await Promise.all([page.context().waitForEvent('page'), page.click('#edit')]);
  await editor.locator('#scene-state[data-state="valid"]').waitFor();
  assert.ok(editor.url().startsWith(stage.urls.create_json));
  assert.deepEqual(await sceneOf(editor), scene);
  assert.equal(await editor.getByLabel('Mood').inputValue(), scene.mood);

  await page.fill('#scene-text', JSON.stringify({ scene: 'x'.repeat(70_000) }));
  await page.click('#edit');
  await page.getByText('too long to be handed over').waitFor();
  await closePage(page);
}));
