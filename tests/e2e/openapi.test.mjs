// docs/openapi.json is a valid OpenAPI 3.1 document, and the host hands it out.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Stage } from './support/host.mjs';

test('the description of the API is valid OpenAPI 3.1, and what the host serves', async () => {
  const written = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(written));
  assert.ok(valid, JSON.stringify(errors, null, 2));
  assert.equal(validator.version, '3.1');
  const stage = await Stage.start({ endpoints: [{ name: 'Alpha' }] });
  try {
    for (const url of Object.values(stage.urls)) {
      assert.deepEqual(await (await fetch(`${url}/openapi.json`)).json(), written);
    }
  } finally {
    await stage.stop();
  }
});
