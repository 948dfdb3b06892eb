// The npm package openai, as anybody installs it, draws here.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { Stage } from './support/host.mjs';

const kKey = 'a-key-of-the-tests';
const kPicture = new URL('../data/pictures/plain.jpg', import.meta.url);
const kMask = new URL('../data/pictures/alpha.png', import.meta.url);
let stage;
let client;

before(async () => {
  stage = await Stage.start({
    endpoints: [
      { name: 'Sketch', plugin: 'sketch', settings: { delay_ms_per_step: 30 } },
      { name: 'Slow', seconds: 300 },
      { name: 'Broken', fault: 'bad-request', faultCount: 1000 },
    ],
    config: { api_keys: [kKey] },
  });
  client = new OpenAI({ apiKey: kKey, baseURL: `${stage.urls.dual_gen}/v1`, maxRetries: 0, timeout: 60_000 });
});
after(async () => { await stage?.stop(); });

const draw = { model: 'Sketch', prompt: 'a harbour at dusk', size: '704x704', steps: 8 };

async function jobs() {
  const answer = await fetch(`${stage.urls.dual_gen}/api/v1/jobs`, { headers: { 'X-API-Key': kKey } });
  return answer.json();
}

async function files() {
  const folder = path.join(stage.folder, 'output');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png'));
  return Promise.all(names.map(async (name) => (await readFile(path.join(folder, name))).toString('base64')));
}

async function until(condition) {
  for (let i = 0; i < 600; ++i) {
    if (await condition()) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  assert.fail('it did not come about in time');
}

test('models are listed and found', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.deepEqual(ids, ['any', 'Sketch', 'Slow', 'Broken']);
  assert.equal((await client.models.retrieve('Sketch')).owned_by, 'image-pipeline');
});

test('pictures are generated, as base64 and as links', async () => {
  const answer = await client.images.generate({ ...draw, n: 2 });
  assert.equal(answer.data.length, 2);
  const made = await files();
  for (const { b64_json: picture } of answer.data) assert.ok(made.includes(picture));
  const linked = await client.images.generate({ ...draw, response_format: 'url' });
  const picture = await fetch(linked.data[0].url);  // as an <img> does, without the key
  assert.equal(picture.headers.get('content-type'), 'image/png');
});

test('pictures come in the format that was asked for', async () => {
  const answer = await client.images.generate({ ...draw, output_format: 'webp', output_compression: 60 });
  assert.equal(answer.output_format, 'webp');
  const bytes = Buffer.from(answer.data[0].b64_json, 'base64');
  assert.equal(bytes.toString('latin1', 8, 12), 'WEBP');
  await assert.rejects(client.images.generate({ ...draw, background: 'transparent' }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'background');
    return true;
  });
});

test('pictures are edited with a mask and a reference', async () => {
  const image = [await toFile(await readFile(kPicture), 'a.jpg', { type: 'image/jpeg' })];
  const mask = await toFile(await readFile(kMask), 'm.png', { type: 'image/png' });
  const answer = await client.images.edit({ ...draw, image, mask });
  assert.equal(answer.data.length, 1);
  const [job] = await jobs();
  assert.equal(job.request.image_mime, 'image/jpeg');
  assert.deepEqual(job.request.inputs.map((input) => input.role), ['mask']);
});

test('a stream shows partial pictures, then the picture', async () => {
  const stream = await client.images.generate({ ...draw, steps: 20, stream: true, partial_images: 2 });
  const events = [];
  for await (const event of stream) events.push(event);
  const last = events.pop();
  assert.equal(last.type, 'image_generation.completed');
  assert.ok((await files()).includes(last.b64_json));
  assert.ok(events.length > 0, 'partial pictures');
  events.forEach((event, index) => {
    assert.equal(event.type, 'image_generation.partial_image');
    assert.equal(event.partial_image_index, index);
  });
});

test('errors are those of the API', async () => {
  const stranger = new OpenAI({ apiKey: 'another', baseURL: client.baseURL, maxRetries: 0 });
  await assert.rejects(stranger.images.generate(draw), OpenAI.AuthenticationError);
  await assert.rejects(client.images.generate({ ...draw, model: 'dall-e-3' }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
  await assert.rejects(client.images.generate({ ...draw, n: 99 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'n');
    return true;
  });
});

test('a job that failed is not tried again by the client', async () => {
  const before = (await jobs()).length;
  const patient = client.withOptions({ maxRetries: 3 });
  await assert.rejects(patient.images.generate({ ...draw, model: 'Broken' }), OpenAI.InternalServerError);
  assert.equal((await jobs()).length, before + 1);
});

test('a call that is aborted cancels its job', async () => {
  const abort = new AbortController();
  const call = client.images.generate({ ...draw, model: 'Slow' }, { signal: abort.signal });
  const newest = async () => (await jobs())[0].status;
  await until(async () => (await newest()) === 'running');
  abort.abort();
  await assert.rejects(call, OpenAI.APIUserAbortError);
  await until(async () => (await newest()) === 'cancelled');
});
