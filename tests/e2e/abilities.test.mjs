// What the form says an endpoint cannot draw is what the host refuses, and nothing else.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { whyNot } from '../../web/js/abilities.js';
import { Stage } from './support/host.mjs';
import { hostFile } from './support/options.mjs';
import { png } from './support/png.mjs';

const kEndpoints = {
  Silent: {},
  Words: { image_to_image: false },
  Start: { input_roles: ['start'] },
  Masks: { image_to_image: true, input_roles: ['start', 'mask'], max_inputs: 2 },
  References: { image_to_image: false, input_roles: ['reference'], max_inputs: 1 },
  Quick: { steps: { min: 1, max: 8 }, guidance_scale: { min: 1, max: 4 } },
  Blind: { steps: false, guidance_scale: false, max_inputs: 0 },
};
const kAsks = [
  {}, { start: true }, { start: true, roles: ['mask'] }, { start: true, roles: ['mask', 'reference'] },
  { roles: ['reference'] }, { roles: ['reference', 'reference'] }, { start: true, roles: ['control'] },
  { steps: 8 }, { steps: 9 }, { guidance: 1 }, { guidance: 0.5 }, { guidance: 4.5, steps: 3 },
];

test('the form and the host judge every request of every endpoint alike', async () => {
  const stage = await Stage.start({
    endpoints: Object.entries(kEndpoints).map(([name, can]) => ({ name, plugin: 'echo', settings: { describe: JSON.stringify(can) } })),
    config: { plugin_paths: [path.join(path.dirname(hostFile), '..', 'fixtures')] },
  });
  try {
    const image = png(8, 8, [255, 255, 255]).toString('base64');
    for (const { name, capabilities } of await stage.api('endpoints')) {
      for (const { start = false, roles = [], steps = null, guidance = null } of kAsks) {
        const answer = await stage.submit({
          prompt: 'a cat', endpoints: [name], steps, guidance_scale: guidance,
          ...(start && { image }), images: roles.map((role) => ({ role, image })),
        });
        const reason = whyNot(capabilities, { start, roles, steps, guidance });
        assert.equal(answer.success, reason === '', `${name}, ${JSON.stringify({ start, roles, steps, guidance })}: ${reason}; ${JSON.stringify(answer)}`);
      }
    }
  } finally {
    await stage.stop();
  }
});
