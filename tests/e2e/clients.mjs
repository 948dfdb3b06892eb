// Public clients of other protocols, unmodified, against a real host. No browser.
//   node tests/e2e/clients.mjs --host build/dev/bin/image-pipeline
import { rmSync } from 'node:fs';
import { shotsFolder } from './support/options.mjs';
import './openai-client.test.mjs';

process.on('exit', () => { rmSync(shotsFolder, { recursive: true, force: true }); });
