// Submitting: pictures of two endpoints side by side, faults next to their fields, and one job only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, openCreate, overflow, picturesShown, shot, toggleAdvanced } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { png } from './support/png.mjs';

const kTwo = { endpoints: [{ name: 'Alpha', seconds: 0.3 }, { name: 'Beta', seconds: 0.3 }] };

async function on(options, body) {
  const stage = await Stage.start(options);
  try {
    await body(stage);
  } finally {
    await stage.stop();
  }
}

test('a prompt becomes pictures of both endpoints, side by side, each as soon as it is there', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  stage.hold('Beta');
  await page.fill('#prompt', 'A stormy harbour at dusk');
  await page.fill('#count', '2');
  await page.press('#prompt', 'Control+Enter');
  const card = page.locator('.job');
  await card.locator('.column').nth(1).waitFor();
  assert.deepEqual(await card.locator('.column').allTextContents(), ['Alpha', 'Beta']);
  await card.locator('.run').first().locator('.cell').first().locator('.picture').waitFor();
  assert.equal(await card.locator('.run').first().locator('.cell').nth(1).locator('.picture').count(), 0,
    'the slower endpoint is still at work');
  await shot(page, 'create-running');
  stage.release('Beta');
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 4);
  const [left, right] = await Promise.all([0, 1].map((i) => card.locator('.run').first().locator('.cell').nth(i).boundingBox()));
  assert.equal(left.y, right.y);
  assert.ok(right.x >= left.x + left.width);
  await shot(page, 'create-completed');
  await closePage(page);
}));

test('a double click makes one job', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  await page.fill('#prompt', 'a lighthouse');
  await page.dblclick('#submit');
  await page.locator('.job').waitFor();
  await hasStatus(page.locator('.job'), 'completed');
  assert.equal((await stage.api('jobs')).length, 1);
  await closePage(page);
}));

test('when the answer is lost on the way, the repeat makes no second job', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  let lost = 0;
  const keys = new Set();
  await page.route('**/api/v1/generate', async (route) => {
    keys.add(route.request().headers()['idempotency-key']);
    if (lost++ > 0) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.fill('#prompt', 'a lighthouse');
  const repeated = page.waitForResponse((response) => response.url().endsWith('/generate') && response.ok());
  await page.click('#submit');
  await repeated;
  await hasStatus(page.locator('.job'), 'completed');
  assert.equal(lost, 2);
  assert.equal(keys.size, 1);
  assert.equal((await stage.api('jobs')).length, 1);
  await closePage(page, [/ERR_FAILED/]);
}));

test('faults stand next to their fields, folded ones are unfolded', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  await page.click('#submit');
  assert.match(await page.locator('#error-prompt').textContent(), /prompt/i);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'prompt');

  await page.fill('#prompt', 'a lighthouse');
  assert.equal(await page.locator('#error-prompt').isVisible(), false, 'typing takes the fault away');
  await page.fill('#count', '999');
  await toggleAdvanced(page);
  await page.fill('#steps', '0');
  await toggleAdvanced(page);
  await page.click('#submit');
  await page.locator('#error-count').waitFor();
  assert.match(await page.locator('#error-count').textContent(), /1 to 200/);
  assert.match(await page.locator('#error-steps').textContent(), /1 to 200/);
  assert.ok(await page.locator('#error-steps').isVisible());
  assert.equal(await page.getAttribute('#count', 'aria-invalid'), 'true');
  assert.equal((await stage.api('jobs')).length, 0);
  await shot(page, 'create-faults');
  await closePage(page, [/400 .*\/generate/]);
}));

test('an input picture is looked at before it is sent, and sent with its strength', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  await page.setInputFiles('#picture-file', { name: 'big.png', mimeType: 'image/png', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
  await page.locator('#error-image', { hasText: '10 MB' }).waitFor();
  await page.setInputFiles('#picture-file', { name: 'lie.png', mimeType: 'image/png', buffer: Buffer.from('<html>no picture</html>') });
  await page.locator('#error-image', { hasText: 'JPEG, PNG, WebP and GIF' }).waitFor();

  await page.setInputFiles('#picture-file', { name: 'red.png', mimeType: 'image/png', buffer: png(64, 48, [200, 30, 30]) });
  await picturesShown(page, '#picture-preview', 1);
  assert.equal(await page.locator('#error-image').isVisible(), false);
  await page.fill('#strength', '0.4');
  const { id } = await create(page, 'a lighthouse in red');
  const { request } = await stage.waitFor(id);
  assert.deepEqual([request.image_mime, request.image_width, request.image_height, request.strength], ['image/png', 64, 48, 0.4]);
  await closePage(page);
}));

test('every setting of the form reaches the job', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  await page.getByText('Portrait').click();
  await page.getByText('0.5 mp').click();
  await toggleAdvanced(page);
  await page.fill('#steps', '7');
  await page.fill('#priority', '3');
  await page.selectOption('#guidance', 'fixed');
  await page.fill('[name=guidance_scale]', '3.5');
  await page.fill('#negative_prompt', 'people');
  await page.selectOption('#prompt_mode', 'different');
  await page.fill('#prompt2', 'a desert');
  const { id, card } = await create(page, 'a harbour', { count: 2, seed: 41 });
  const { request } = await stage.waitFor(id);
  assert.deepEqual(request, {
    prompt: 'a harbour', prompt2: 'a desert', random: false, count: 2, prompt_mode: 'different', orientation: 'portrait',
    size: '0.5mp', steps: 7, seed: 41, guidance_scale: 3.5, target: 'all', endpoints: ['Alpha', 'Beta'], priority: 3,
    negative_prompt: 'people',
  });
  await card.locator('.run-prompt', { hasText: 'Beta: a desert' }).first().waitFor();
  await closePage(page);
}));

test('chosen endpoints draw alone, and any free one draws each run once', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  await page.getByText('Choose', { exact: true }).click();
  await page.getByLabel('Beta').uncheck();
  const chosen = await create(page, 'a harbour');
  assert.deepEqual((await stage.waitFor(chosen.id)).request.endpoints, ['Alpha']);
  await page.getByText('Any free one').click();
  const any = await create(page, 'a harbour', { count: 4 });
  await hasStatus(any.card, 'completed');
  await picturesShown(page, `.job[data-job="${any.id}"] .picture img`, 4);
  assert.ok((await any.card.locator('.caption').allTextContents()).every((text) => /^(Alpha|Beta) · seed/.test(text)));
  await shot(page, 'create-any', { fullPage: true });
  await closePage(page);
}));

const kUnlike = {
  endpoints: [
    { name: 'Alpha', seconds: 0.2 }, { name: 'Sketch', plugin: 'sketch' },
    { name: 'Away', plugin: 'endpoint', settings: { ip: '127.0.0.1', port: 1 } },
  ],
};

// Without a pointer: nothing may stand in a tooltip alone.
async function unfolded(page, name) {
  const row = page.locator('#endpoint-list li', { hasText: name });
  const toggle = row.getByRole('button', { name: `Details of ${name}` });
  await toggle.focus();
  await page.keyboard.press('Enter');
  assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
  return row.locator('dl').evaluate((list) => Object.fromEntries(
    [...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextElementSibling.textContent])));
}

test('each endpoint tells what it can do, and beside that what is wrong with it', () => on(kUnlike, async (stage) => {
  const page = await openCreate(stage);
  const away = page.locator('#endpoint-list li', { hasText: 'Away' });
  await away.locator('.endpoint-state', { hasText: 'offline' }).waitFor();
  assert.match(await away.locator('.endpoint-trouble').innerText(), /Connection refused/);
  assert.match(await page.locator('#endpoint-note').innerText(), /Not available: Away\..*wait/);
  const [sketch, alpha, there] = [await unfolded(page, 'Sketch'), await unfolded(page, 'Alpha'), await unfolded(page, 'Away')];
  assert.equal(sketch.Model, 'sketch');
  assert.match(sketch.Sizes, /^16 to 8192 pixels a side, at most 16\.8 megapixels;/);
  assert.match(sketch.Steps, /^1 to 1000; \d+ when left empty$/);
  assert.equal(sketch.Guidance, '0 to 20');
  assert.equal(sketch['Negative prompt'], 'yes');
  assert.match(sketch['Input pictures'], /^a start picture, a mask; 2 at most/);
  assert.equal(sketch['While it draws'], 'live progress and previews');
  assert.equal(sketch['Cancel stops it'], 'at once');
  assert.equal(alpha.Sizes, 'any size');
  assert.match(alpha['Negative prompt'], /^no/);
  assert.match(alpha['Cancel stops it'], /^never/);
  assert.match(there['Last failure'], /Connection refused/);
  assert.equal(there['Input pictures'], 'a start picture');
  const answer = page.waitForResponse((response) => response.url().endsWith('/endpoints/Away/test'));
  await away.getByRole('button', { name: 'Ask it again' }).click();
  assert.equal((await (await answer).json()).success, false);
  await page.locator('#announcer', { hasText: 'Away: offline' }).waitFor();
  await page.getByText('Any free one').click();
  assert.equal(await page.locator('#endpoint-note').innerText(), '');
  await page.setViewportSize({ width: 360, height: 740 });
  assert.equal(await overflow(page), 0);
  await shot(page, 'create-details', { fullPage: true });
  await closePage(page);
}));

test('a mask goes to who takes one; the others are not offered and say why', () => on(kUnlike, async (stage) => {
  const page = await openCreate(stage);
  const alpha = page.locator('#endpoint-list li', { hasText: 'Alpha' });
  await alpha.locator('.endpoint-state', { hasText: 'online' }).waitFor();
  await page.setInputFiles('#picture-file', { name: 'start.png', mimeType: 'image/png', buffer: png(64, 48, [200, 30, 30]) });
  await page.setInputFiles('#more-file', { name: 'mask.png', mimeType: 'image/png', buffer: png(64, 48, [255, 255, 255]) });
  await alpha.locator('.endpoint-state', { hasText: 'takes no mask' }).waitFor();
  assert.equal(await page.locator('#more-list select').inputValue(), 'mask');
  await page.getByText('Choose', { exact: true }).click();
  assert.equal(await page.getByLabel('Alpha').isDisabled(), true);
  await shot(page, 'create-mask', { fullPage: true });
  await page.getByText('All, to compare').click();
  await page.getByText('0.5 mp').click();
  const { id } = await create(page, 'a lighthouse in red');
  const job = await stage.waitFor(id);
  assert.deepEqual(job.request.endpoints, ['Sketch']);
  assert.deepEqual(job.left_out.map(({ endpoint, field }) => [endpoint, field]), [['Alpha', 'mask'], ['Away', 'mask']]);
  assert.deepEqual(job.request.inputs.map(({ role, width }) => [role, width]), [['mask', 64]]);

  await page.selectOption('#more-list select', 'reference');
  await page.locator('#endpoint-list li.unable', { hasText: 'Sketch' }).waitFor();
  await page.click('#submit');
  await page.locator('#error-images', { hasText: 'reference pictures' }).waitFor();
  await page.locator('#more-list button', { hasText: 'Remove' }).click();
  assert.equal(await page.locator('#endpoint-list li.unable').count(), 0);
  await closePage(page, [/400/]);
}));

test('a prompt is text, whatever it looks like', () => on(kTwo, async (stage) => {
  const page = await openCreate(stage);
  const prompt = '<img src=x onerror="window.taken=1"> & "quotes" \u2028 ünïcode 🌊';
  const { card } = await create(page, prompt);
  assert.equal(await card.locator('.job-title').textContent(), prompt);
  await hasStatus(card, 'completed');
  await card.locator('.picture').first().click();
  assert.equal(await page.locator('.full-prompt').textContent(), prompt);
  assert.equal(await page.evaluate(() => window.taken), undefined);
  await closePage(page);
}));
