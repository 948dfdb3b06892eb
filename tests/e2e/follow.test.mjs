// Following a job: prompts of the language model, progress and previews, failures, the large view.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, openCreate, picturesShown, shot, toggleAdvanced } from './support/browser.mjs';
import { Stage } from './support/host.mjs';

async function on(options, body) {
  const stage = await Stage.start(options);
  try {
    await body(stage);
  } finally {
    await stage.stop();
  }
}

const kFast = [{ name: 'Alpha', seconds: 0.1 }, { name: 'Beta', seconds: 0.1 }];

test('the prompt of each run is shown with where it came from', () => on({ endpoints: kFast, llm: ['--seconds', '0.2'] }, async (stage) => {
  const page = await openCreate(stage);
  await page.locator('label.switch').click();
  assert.equal(await page.locator('#prompt-label').textContent(), 'Concept');
  const { card } = await create(page, 'desert noon', { count: 2 });
  await hasStatus(card, 'completed');
  assert.deepEqual(await card.locator('.origin').allTextContents(), ['by the language model', 'by the language model']);
  const prompts = await card.locator('.run-prompt').allTextContents();
  assert.equal(new Set(prompts).size, 2);
  assert.ok(prompts.every((prompt) => prompt.length > 40));
  await closePage(page);
}));

test('a language model that fails is named, and the concept is drawn', () => on({ endpoints: kFast, llm: ['--fault', 'unknown-model'] }, async (stage) => {
  const page = await openCreate(stage);
  await page.locator('label.switch').click();
  const { card } = await create(page, 'desert noon');
  await card.locator('.origin', { hasText: 'fallback' }).waitFor({ timeout: 30_000 });
  assert.equal(await card.locator('.run-prompt').textContent(), 'desert noon');
  assert.match(await card.locator('.run-fault').innerText(), /does not know the model/);
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 2);
  await closePage(page);
}));

test('an endpoint that fails shows why, beside the picture of the other', () => on({
  endpoints: [kFast[0], { name: 'Broken', fault: 'bad-request' }],
}, async (stage) => {
  const page = await openCreate(stage);
  const { card } = await create(page, 'a harbour');
  await card.locator('.cell-error').waitFor();
  assert.ok((await card.locator('.cell-error span').textContent()).length > 5);
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 1);
  assert.match(await card.locator('.job-error').textContent(), /1/);
  assert.match(await card.locator('.job-facts').textContent(), /1 failed/);
  await shot(page, 'follow-failure');
  await closePage(page);
}));

test('a picture in the making shows its progress and a preview', () => on({
  endpoints: [{ name: 'Sketch', plugin: 'sketch' }],
}, async (stage) => {
  const page = await openCreate(stage);
  await page.evaluate(() => {
    window.seen = { progress: 0, previews: 0 };
    new MutationObserver(() => {
      const bar = document.querySelector('.progress progress');
      if (bar?.value > 0) ++window.seen.progress;
      if (document.querySelector('.preview')?.src.startsWith('blob:')) ++window.seen.previews;
    }).observe(document.getElementById('jobs'), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.getByText('4 mp').click();
  await toggleAdvanced(page);
  const { card } = await create(page, 'A stormy harbour at dusk', { count: 2, steps: 100 });
  await page.waitForFunction(() => window.seen.progress > 0 && window.seen.previews > 0);
  await shot(page, 'follow-preview');
  await hasStatus(card, 'completed', 60_000);  // 200 steps of 4 megapixels are work for a busy machine
  await closePage(page);
}));

test('the large view tells all, steps through the job, and fills the form again', () => on({ endpoints: kFast }, async (stage) => {
  const page = await openCreate(stage);
  const { id, card } = await create(page, 'a quiet lake', { count: 2, seed: 100 });
  await hasStatus(card, 'completed');
  await picturesShown(page, '.job .picture img', 4);
  await card.locator('.picture').first().click();
  const large = page.locator('.lightbox');
  assert.equal(await large.locator('h2').textContent(), 'Alpha');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await large.locator('.place').textContent(), '3 of 4');
  assert.equal(await large.locator('.full-prompt').textContent(), 'a quiet lake');
  const facts = await large.locator('.facts').textContent();
  for (const part of ['101', '2 of 2', id, ' × ']) assert.ok(facts.includes(part), `${part} in ${facts}`);
  await picturesShown(page, '.lightbox .large', 1);
  await shot(page, 'follow-large');
  await page.keyboard.press('Escape');
  assert.equal(await large.isVisible(), false);
  await card.locator('.picture').nth(2).click();
  await page.fill('#prompt', 'something else').catch(() => {});
  await large.getByText('Use again').click();
  assert.equal(await page.inputValue('#prompt'), 'a quiet lake');
  assert.equal(await page.inputValue('#seed'), '101');
  assert.equal(await page.inputValue('#count'), '1');
  await closePage(page);
}));

test('the large view shows what a scene became for the model of an endpoint, and what was lost', () => on({
  endpoints: [{ name: 'Alpha', seconds: 0.1, dialect: 'prose' }],
}, async (stage) => {
  const page = await openCreate(stage);
  const scene = '{"scene": "a pier", "camera": {"iso": 400, "aspect_ratio": "3:2"}}';
  const { card } = await create(page, scene);
  await hasStatus(card, 'completed');
  await card.locator('.picture').first().click();
  const large = page.locator('.lightbox');
  assert.equal(await large.locator('.full-prompt').textContent(), 'A pier. ISO 400.');
  await large.locator('summary', { hasText: '1 part of the scene not said' }).click();
  await large.locator('.losses li', { hasText: 'camera.aspect_ratio' }).waitFor();
  await shot(page, 'follow-dialect');
  await large.getByText('Use again').click();
  assert.equal(await page.inputValue('#prompt'), scene);
  await closePage(page);
}));

test('the state of the own job is told to screen readers', () => on({ endpoints: kFast }, async (stage) => {
  const page = await openCreate(stage);
  await create(page, 'a quiet lake');
  await page.locator('#announcer', { hasText: 'Job completed, 2 pictures' }).waitFor();
  assert.equal(await page.getAttribute('#announcer', 'aria-live'), 'polite');
  await closePage(page);
}));
