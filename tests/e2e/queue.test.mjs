// The queue: what runs and waits, cancelling one, clearing all that wait; jobs of others appear too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, openCreate, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';

async function withSlow(body, seconds = 20) {
  const stage = await Stage.start({ endpoints: [{ name: 'Slow', seconds }] });
  try {
    await body(stage, await openCreate(stage));
  } finally {
    await stage.stop();
  }
}

test('a running job says when it will be done and from what that is known, and is cancelled from its card', () => withSlow(async (stage, page) => {
  const { id, card } = await create(page, 'a slow one', { count: 50 });
  await hasStatus(card, 'running');
  await card.locator('.job-eta', { hasText: /^Done in about .+ \(from the last (picture|\d+ pictures) of Slow\)\.$/ }).waitFor();
  await card.getByRole('button', { name: 'Cancel' }).click();
  await hasStatus(card, 'cancelled');
  assert.equal((await stage.api(`status/${id}`)).status, 'cancelled');
  assert.equal(await card.getByRole('button', { name: 'Cancel' }).isVisible(), false);
  assert.equal(await card.locator('.job-eta').isVisible(), false);
  await closePage(page);
}, 1));

test('waiting jobs are listed in order, cancelled one by one or all at once', () => withSlow(async (stage, page) => {
  const first = await create(page, 'the first');
  await hasStatus(first.card, 'running');
  const second = await create(page, 'the second');
  await create(page, 'the third');
  await create(page, 'the fourth');
  await page.locator('#queue-summary', { hasText: '1 running, 3 waiting' }).waitFor();
  await page.click('#queue-summary');
  await page.locator('.queue-title').nth(3).waitFor();
  assert.deepEqual(await page.locator('.queue-title').allTextContents(), ['the first', 'the second', 'the third', 'the fourth']);
  await first.card.locator('.job-eta', { hasText: 'No estimate' }).waitFor();
  assert.equal(await second.card.locator('.job-time').textContent(), 'position 1');
  await shot(page, 'queue');

  await page.getByRole('button', { name: 'Cancel: the second' }).click();
  await hasStatus(second.card, 'cancelled');
  await page.locator('#queue-summary', { hasText: '1 running, 2 waiting' }).waitFor();

  await page.click('#queue-clear');
  assert.equal((await stage.api('jobs?status=queued')).length, 2, 'the first click only asks');
  await page.click('#queue-clear');
  await page.locator('#queue-summary', { hasText: '1 running, 0 waiting' }).waitFor();
  assert.equal((await stage.api('jobs?status=cancelled')).length, 3);
  assert.equal((await stage.api(`status/${first.id}`)).status, 'running');
  await closePage(page);
}));

test('a job that somebody else sent appears by itself', () => withSlow(async (stage, page) => {
  const { job_id: id } = await stage.submit({ prompt: 'from a shell script' });
  const card = page.locator(`.job[data-job="${id}"]`);
  await hasStatus(card, 'running');
  assert.equal(await card.locator('.job-title').textContent(), 'from a shell script');
  await stage.api(`queue/${id}`, { method: 'DELETE' });
  await hasStatus(card, 'cancelled');
  await closePage(page);
}));

test('a waiting job says what it waits for', () => withSlow(async (stage, page) => {
  const first = await create(page, 'the first');
  await hasStatus(first.card, 'running');
  const second = await create(page, 'the second');
  await second.card.locator('.job-why', { hasText: `Slow is drawing job ${first.id}` }).waitFor();
  await second.card.locator('.job-eta', { hasText: 'No estimate: Slow has not finished a picture yet' }).waitFor();
  assert.equal(await second.card.locator('.job-time').innerText(), 'position 1');
  await shot(page, 'why');
  await second.card.getByRole('button', { name: 'Cancel' }).click();
  await hasStatus(second.card, 'cancelled');
  assert.equal(await second.card.locator('.job-why').isVisible(), false);
  await closePage(page);
}));
