// Making something again: settings and pictures come back into the form, which sends only what was set.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { closePage, create, hasStatus, held, isLive, openCreate, picturesShown, shot, toggleAdvanced } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { hostFile } from './support/options.mjs';
import { png } from './support/png.mjs';

const kFixtures = { plugin_paths: [path.join(path.dirname(hostFile), '..', 'fixtures')] };
const echo = (name, can) => ({ name, plugin: 'echo', settings: { describe: JSON.stringify(can) } });

async function on(options, body) {
  const stage = await Stage.start({ config: kFixtures, ...options });
  try {
    await body(stage, await openCreate(stage));
  } finally {
    await stage.stop();
  }
}

const shown = (page) => page.evaluate(() => ({
  prompt: document.getElementById('prompt').value, steps: document.getElementById('steps').value,
  size: document.querySelector('[name=size]:checked').value, strength: document.getElementById('strength').value,
  roles: [...document.querySelectorAll('#more-list select')].map((select) => select.value),
}));

const kSketch = { endpoints: [{ name: 'Sketch', plugin: 'sketch' }] };
const image = (color) => `data:image/png;base64,${png(64, 48, color).toString('base64')}`;
const kAsked = {
  prompt: 'a harbour', size: '0.5mp', steps: 3, strength: 0.4, image: image([200, 30, 30]),
  images: [{ role: 'mask', image: image([255, 255, 255]) }],
};

test('"Use again" brings the input pictures back, from the card, the large view and the gallery', () => on(kSketch, async (stage, page) => {
  const { job_id: id } = await stage.submit(kAsked);
  await stage.waitFor(id);
  const card = page.locator(`.job[data-job="${id}"]`);
  await hasStatus(card, 'completed');
  await page.fill('#prompt', 'something else');

  const isBack = async (way) => {
    await picturesShown(page, '#picture-preview', 1);
    await picturesShown(page, '#more-list img', 1);
    assert.deepEqual(await shown(page), { prompt: 'a harbour', steps: '3', size: '0.5mp', strength: '0.4', roles: ['mask'] }, way);
  };
  const empty = async () => {
    await page.click('#picture-remove');
    await page.click('#more-list button');
  };
  await card.locator('button', { hasText: 'Use again' }).click();
  await isBack('from the card');
  await shot(page, 'again-pictures', { fullPage: true });
  await empty();
  await card.locator('.picture').click();
  await page.locator('.lightbox').getByText('Use again').click();
  await isBack('from the large view');

  await page.goto(`${stage.url}/gallery`);
  await page.locator('.tile button').first().click();
  await page.locator('.lightbox').getByText('Use again').click();
  await page.waitForURL(`${stage.url}/`);
  await isLive(page);
  await isBack('from the gallery');

  const answered = page.waitForResponse((response) => response.url().endsWith('/generate'));
  await page.click('#submit');
  const { job_id: again } = await (await answered).json();
  const { request } = await stage.waitFor(again);
  assert.deepEqual(request.inputs.map(({ role, width }) => [role, width]), [['mask', 64]]);
  assert.equal(request.image_width, 64);
  await closePage(page);
}));

test('"Use again" of another job while pictures are on their way brings that job\'s, and no others', () => on(kSketch, async (stage, page) => {
  const { job_id: slow } = await stage.submit(kAsked);
  const { job_id: other } = await stage.submit({
    prompt: 'a forest', size: '1mp', image: `data:image/png;base64,${png(32, 32, [10, 200, 30]).toString('base64')}`,
  });
  for (const id of [slow, other]) {
    await stage.waitFor(id);
    await hasStatus(page.locator(`.job[data-job="${id}"]`), 'completed');
  }
  const again = (id) => page.locator(`.job[data-job="${id}"] button`, { hasText: 'Use again' }).click();
  // The start picture is there already, the mask is not.
  const mask = await held(page, `**/jobs/${slow}/inputs/1`);
  await again(slow);
  await mask.asked;
  await again(other);
  await page.waitForFunction(() => document.getElementById('picture-preview').naturalWidth === 32);
  mask.release();
  const answered = page.waitForResponse((response) => response.url().endsWith('/generate'));
  await page.click('#submit');
  const { job_id: sent } = await (await answered).json();
  const { request } = await stage.waitFor(sent);
  assert.deepEqual([request.prompt, request.image_width, request.inputs ?? []], ['a forest', 32, []]);
  await closePage(page);
}));

test('pictures that the host has lost are told beside their field', () => on(kSketch, async (stage, page) => {
  const { job_id: id } = await stage.submit(kAsked);
  await stage.waitFor(id);
  await page.route('**/inputs/1', (route) => route.fulfill({ status: 404, json: { success: false, error: { code: 'NOT_FOUND', message: 'gone', details: {} } } }));
  await page.locator(`.job[data-job="${id}"] button`, { hasText: 'Use again' }).click();
  await page.locator('#error-image', { hasText: '1 picture of that job could not be fetched' }).waitFor();
  assert.deepEqual((await shown(page)).roles, ['mask'], 'the other one is there');
  await closePage(page, [/404/]);
}));

test('what was not set is left to the endpoints, which say what they take', () => on({
  endpoints: [echo('Quick', { steps: { min: 1, max: 8 } }), echo('Usual', {}), echo('None', { steps: false })],
}, async (stage, page) => {
  await toggleAdvanced(page);
  await page.locator('#steps[placeholder="8 to 25"]').waitFor();
  assert.equal(await page.getAttribute('#priority', 'placeholder'), '0');
  await shot(page, 'again-placeholders', { fullPage: true });
  const sent = page.waitForRequest((request) => request.url().endsWith('/generate'));
  const { id } = await create(page, 'a lighthouse');
  assert.deepEqual((await sent).postDataJSON(), {
    prompt: 'a lighthouse', random: false, count: 1, orientation: 'landscape', size: '1mp', endpoints: 'all',
  });
  const job = await stage.waitFor(id);
  const steps = Object.fromEntries(job.results[0].images.map((each) => [each.endpoint.name, each.stats.steps]));
  assert.deepEqual([steps.Quick, steps.Usual], [8, 25]);
  await page.locator(`.job[data-job="${id}"] button`, { hasText: 'Use again' }).click();
  assert.equal(await page.inputValue('#steps'), '', 'nobody chose them');
  await page.getByText('Choose', { exact: true }).click();
  for (const name of ['Usual', 'None']) await page.locator(`#endpoint-list input[value="${name}"]`).uncheck();
  await page.locator('#steps[placeholder="8"]').waitFor();
  await closePage(page);
}));

test('a job in pixels of its own is used again in these, until another size is chosen', () => on(kSketch, async (stage, page) => {
  const { job_id: id } = await stage.submit({ prompt: 'a lighthouse', size: '512x256', steps: 1 });
  const card = page.locator(`.job[data-job="${id}"]`);
  await hasStatus(card, 'completed');
  assert.match(await card.textContent(), /512 × 256 · /);
  await card.locator('button', { hasText: 'Use again' }).click();
  assert.equal(await page.textContent('#pixels'), '512 × 256 pixels');
  assert.equal(await page.isDisabled('input[name="orientation"][value="portrait"]'), true);
  await shot(page, 'again-exact-size', { fullPage: true });
  const same = await create(page, 'a lighthouse');
  assert.equal((await stage.waitFor(same.id)).request.size, '512x256');
  await page.locator('[data-field="size"] label', { hasText: '0.5 mp' }).click();
  await page.locator('[data-field="orientation"] label', { hasText: 'Portrait' }).click();
  const other = await create(page, 'a lighthouse');
  const { request } = await stage.waitFor(other.id);
  assert.deepEqual([request.size, request.orientation], ['0.5mp', 'portrait']);
  await closePage(page);
}));

test('endpoints that a job leaves out are named on its card, with the reason', () => on({
  endpoints: [echo('Able', {}), echo('Plain', { image_to_image: false, steps: { min: 1, max: 8 } })],
}, async (stage, page) => {
  const { job_id: id } = await stage.submit({ prompt: 'a lighthouse', image: image([9, 9, 9]), steps: 20 });
  const card = page.locator(`.job[data-job="${id}"]`);
  await hasStatus(card, 'completed');
  assert.equal(await card.locator('.job-left-out').textContent(),
    'Plain is left out: it does not draw from a start picture, and takes 1 to 8 steps, not 20.');
  await shot(page, 'again-left-out');
  const { job_id: both } = await stage.submit({ prompt: 'a lighthouse' });
  await hasStatus(page.locator(`.job[data-job="${both}"]`), 'completed');
  assert.equal(await page.locator(`.job[data-job="${both}"] .job-left-out`).isVisible(), false);
  await closePage(page);
}));
