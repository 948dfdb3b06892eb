// After the fact: drawing again what failed, changing the order of what waits, and a form that knows
// the host's limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePage, create, hasStatus, openCreate, picturesShown, shot } from './support/browser.mjs';
import { Stage } from './support/host.mjs';

async function on(options, body) {
  const stage = await Stage.start(options);
  try {
    await body(stage, await openCreate(stage));
  } finally {
    await stage.stop();
  }
}

const kRepaired = { endpoints: [{ name: 'Alpha' }, { name: 'Beta', fault: 'bad-request', faultCount: 6 }] };

test('what failed is drawn again from the job\'s card, beside the pictures that were kept', () => on(kRepaired, async (stage, page) => {
  const { id, card } = await create(page, 'a lighthouse', { count: 2 });
  await hasStatus(card, 'completed');
  assert.equal(await card.locator('.cell-error').count(), 2);
  const kept = (await stage.api(`status/${id}`)).results.map((run) => run.images.find((image) => image.success).filename);
  await shot(page, 'retry-failed');
  await card.getByRole('button', { name: 'Retry' }).click();
  await picturesShown(page, `.job[data-job="${id}"] .picture img`, 4);
  await hasStatus(card, 'completed');
  assert.equal(await card.locator('.cell-error').count(), 0);
  assert.equal(await card.locator('.job-error').isVisible(), false);
  assert.equal(await card.getByRole('button', { name: 'Retry' }).isVisible(), false);
  const after = (await stage.api(`status/${id}`)).results.flatMap((run) => run.images.map((image) => image.filename));
  assert.ok(kept.every((name) => after.includes(name)));
  await closePage(page);
}));

test('a retry that somebody else asked for is followed live', () => on(kRepaired, async (stage, page) => {
  const { id, card } = await create(page, 'a lighthouse', { count: 2 });
  await hasStatus(card, 'completed');
  const { retried } = await stage.api(`jobs/${id}/retry`, { method: 'POST' });
  assert.equal(retried, 2);
  await picturesShown(page, `.job[data-job="${id}"] .picture img`, 4);
  await hasStatus(card, 'completed');
  await closePage(page);
}));

test('a retry that fails again says so, and can be repeated', () => on({ endpoints: [{ name: 'Alpha', fault: 'bad-request' }] }, async (stage, page) => {
  const { id, card } = await create(page, 'a lighthouse');
  await hasStatus(card, 'failed');
  const before = (await stage.api(`status/${id}`)).completed_at;
  await card.getByRole('button', { name: 'Retry' }).click();
  await page.waitForFunction(async ([job, end]) => {
    const answer = await (await fetch(`/api/v1/status/${job}`)).json();
    return answer.completed_at > end;
  }, [id, before]);
  await hasStatus(card, 'failed');
  await card.locator('.cell-error').waitFor();
  assert.ok(await card.getByRole('button', { name: 'Retry' }).isVisible());
  await closePage(page);
}));

test('raising a waiting job\'s priority lets it overtake', () => on({ endpoints: [{ name: 'Slow', seconds: 20 }] }, async (stage, page) => {
  const first = await create(page, 'the first');
  await hasStatus(first.card, 'running');
  await create(page, 'the second');
  const third = await create(page, 'the third');
  await page.click('#queue-summary');
  const titles = page.locator('.queue-title');
  await titles.nth(2).waitFor();
  await third.card.getByRole('button', { name: 'Raise the priority' }).click();
  await third.card.locator('.priority-value', { hasText: 'priority 1' }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.queue-title')].map((one) => one.textContent).join() === 'the first,the third,the second');
  assert.equal((await stage.api(`status/${third.id}`)).priority, 1);
  await shot(page, 'priority');
  await page.getByRole('group', { name: 'Priority of the third' }).last().getByRole('button', { name: 'Lower the priority' }).click();
  await page.waitForFunction(() => [...document.querySelectorAll('.queue-title')].map((one) => one.textContent).join() === 'the first,the second,the third');
  await closePage(page);
}));

test('the form has the ranges and choices of this host', () => on({
  endpoints: [{ name: 'Alpha' }], config: { validation_limits: { count: { min: 1, max: 7 }, steps: { min: 4, max: 40 } } },
}, async (stage, page) => {
  await page.fill('#prompt', 'a lighthouse');
  await page.locator('#count[max="7"]').waitFor();
  assert.deepEqual([await page.getAttribute('#steps', 'min'), await page.getAttribute('#steps', 'max')], ['4', '40']);
  assert.match(await page.locator('#pixels').textContent(), /1216 × 832/);
  assert.match(await page.locator('#picture-limit').textContent(), /10 MB/);
  await page.fill('#count', '8');
  await page.click('#submit');
  await page.locator('#error-count', { hasText: '1 to 7' }).waitFor();
  assert.equal((await stage.api('jobs')).length, 0, 'nothing was sent');
  await closePage(page);
}));
