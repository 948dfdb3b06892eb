// The scene editor: form and JSON are one scene, which survives a reload and is sent once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, openPage, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { sceneOf, sentJob } from './support/scene.mjs';

let stage;
before(async () => {
  stage = await Stage.start({ endpoints: [{ name: 'Alpha', seconds: 0.1 }, { name: 'Beta', seconds: 0.1 }] });
});
after(() => stage?.stop());

const kScene = {
  scene: 'a harbour', lighting: 'dusk', color_palette: ['navy', '#ffaa00'], note: { kept: [1, 2.5, null] },
  subjects: [{ description: 'a boat', position: 'left', color_palette: ['white'], age: 7 }, { description: 'a gull' }],
  camera: { lens: '35mm', iso: 200, brand: 'none' },
};

async function open(options) {
  const page = await openPage({ acceptDownloads: true, ...options });
  await page.goto(`${stage.urls.create_json}/`);
  await page.locator('nav a[data-service="json_from_image"][href]').waitFor();
  return page;
}

const write = (page, scene) => page.fill('#scene-text', typeof scene === 'string' ? scene : JSON.stringify(scene));
const subject = (page, number) => page.getByRole('group', { name: `Subject ${number}` });

test('every field of a scene has its place in the form and arrives in the JSON', async () => {
  const page = await open();
  const texts = {
    scene: 'Scene', props: 'Props', style: 'Style', lighting: 'Lighting', mood: 'Mood', film_stock: 'Film stock', era: 'Era',
    background: 'Background', composition: 'Composition', time_weather: 'Time and weather',
  };
  const camera = {
    angle: 'Angle', distance: 'Distance', lens: 'Lens', f_number: 'F-number', shutter_speed: 'Shutter speed',
    aspect_ratio: 'Aspect ratio', focus: 'Focus',
  };
  const form = page.locator('#scene-form');
  const fields = Object.entries({ ...texts, ...camera });
  for (const [name, label] of fields) await form.getByLabel(new RegExp(`^${label}`)).first().fill(`some ${name}`);
  await form.getByLabel('ISO').fill('400');
  await form.getByLabel('Colours of the whole', { exact: true }).fill('dark green, #102030');
  await form.getByLabel('Colours of the whole', { exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Add a subject' }).click();
  await subject(page, 1).getByLabel('Description').fill('a fisherman');
  await subject(page, 1).getByLabel('Position').fill('centre');
  await subject(page, 1).getByLabel('Colours of subject 1', { exact: true }).fill('yellow');
  await subject(page, 1).getByRole('button', { name: /add the colour/ }).click();

  const some = (names) => Object.fromEntries(Object.keys(names).map((name) => [name, `some ${name}`]));
  assert.deepEqual(await sceneOf(page), {
    ...some(texts), color_palette: ['dark green', '#102030'], camera: { ...some(camera), iso: 400 },
    subjects: [{ description: 'a fisherman', position: 'centre', color_palette: ['yellow'] }],
  });
  await shot(page, 'editor-filled', { fullPage: true });
  await closePage(page);
});

test('what is typed as JSON is in the form; what the form does not know is kept', async () => {
  const page = await open();
  await write(page, kScene);
  assert.equal(await page.getByLabel('Lighting').inputValue(), 'dusk');
  assert.equal(await page.getByLabel('ISO').inputValue(), '200');
  assert.equal(await subject(page, 2).getByLabel('Description').inputValue(), 'a gull');
  assert.equal(await page.locator('.palette .chip').filter({ hasText: '#ffaa00' }).locator('.swatch')
    .evaluate((swatch) => getComputedStyle(swatch).backgroundColor), 'rgb(255, 170, 0)');
  await page.getByText('Further fields, kept as they are: note.').waitFor();

  await page.getByLabel('Lighting').fill('noon');
  await page.getByLabel('ISO').fill('');
  await page.getByRole('button', { name: 'Colours of the whole: remove navy' }).click();
  await page.getByRole('button', { name: 'Remove subject 2' }).click();
  assert.deepEqual(await sceneOf(page), {
    ...kScene, lighting: 'noon', color_palette: ['#ffaa00'], subjects: [kScene.subjects[0]], camera: { ...kScene.camera, iso: null },
  });
  await closePage(page);
});

test('a value of the wrong type is told and stays as it is', async () => {
  const page = await open();
  const odd = { scene: 7, subjects: ['a cat'], camera: 'a phone', color_palette: 'red' };
  await write(page, odd);
  for (const name of ['scene', 'subjects', 'camera', 'color_palette']) await page.getByText(`“${name}” should be`).waitFor();
  await page.getByLabel('Mood').fill('calm');
  assert.deepEqual(await sceneOf(page), { ...odd, mood: 'calm' });
  await closePage(page);
});

test('text that is no JSON is told, cannot be sent, and leaves the form as it was', async () => {
  const page = await open();
  await write(page, kScene);
  await write(page, '{"scene": "a har');
  await page.getByText('This is not valid JSON').waitFor();
  assert.equal(await page.getByLabel('Lighting').inputValue(), 'dusk');
  await page.click('#submit');
  await page.locator('[data-field="scene"]').getByText('This is not valid JSON').waitFor();
  await page.reload();
  assert.equal(await page.inputValue('#scene-text'), '{"scene": "a har');
  assert.equal(await page.getByLabel('Lighting').inputValue(), 'dusk');
  await page.click('#restore');
  assert.deepEqual(await sceneOf(page), kScene);
  await write(page, '[1, 2]');
  await page.getByText('A scene is a JSON object').waitFor();
  await write(page, '['.repeat(100_000));
  await page.getByText('This is not valid JSON').waitFor();
  await write(page, `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`);
  await page.getByText('nested more than').waitFor();
  await closePage(page);
});

test('a scene is there again after a reload, until a new one is begun, which can be undone', async () => {
  const page = await open();
  await write(page, kScene);
  await page.reload();
  assert.deepEqual(await sceneOf(page), kScene);
  await page.click('#new');
  assert.equal((await sceneOf(page)).scene, '');
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await sceneOf(page), kScene);
  await closePage(page);
});

test('a scene is read from a file and pasted anywhere on the page', async () => {
  const page = await open();
  await page.setInputFiles('#load', { name: 'harbour.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(kScene)) });
  await page.getByText('harbour.json is loaded.').waitFor();
  assert.deepEqual(await sceneOf(page), kScene);
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '{"scene": "pasted"}');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  assert.deepEqual(await sceneOf(page), { scene: 'pasted' });
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  assert.equal(file.suggestedFilename(), 'scene.json');
  await closePage(page);
});

test('a scene goes to the generator once, with size, orientation, runs, seed and endpoints', async () => {
  const page = await open();
  await write(page, kScene);
  await page.getByText('Portrait').click();
  await page.getByText('0.5 mp').click();
  await page.fill('#count', '2');
  await page.fill('#seed', '11');
  await page.locator('.segments').getByText('Choose').click();
  await page.locator('#endpoint-list').getByLabel('Beta').uncheck();
  const before = (await stage.api('jobs')).length;
  await page.dblclick('#submit');
  const job = await sentJob(stage, page, 2);
  assert.equal((await stage.api('jobs')).length, before + 1);
  const { prompt, size, orientation, count, seed, endpoints } = job.request;
  assert.deepEqual({ prompt, size, orientation, count, seed, endpoints }, {
    prompt: JSON.stringify(kScene, null, 2), size: '0.5mp', orientation: 'portrait', count: 2, seed: 11, endpoints: ['Alpha'],
  });
  await shot(page, 'editor-sent', { fullPage: true });
  await closePage(page);
});

test('what the generator would refuse is told beside its field', async () => {
  const page = await open();
  await page.click('#submit');
  await page.getByText('Nothing is said yet').waitFor();
  await write(page, { scene: 'x'.repeat(10_001) });
  await page.fill('#seed', 'often');
  await page.click('#submit');
  await page.getByText('it is too long; at most 10,000').waitFor();
  await page.getByText('Must be a whole number, or empty.').waitFor();
  assert.equal(await page.locator('.sent').count(), 0);
  await closePage(page);
});
