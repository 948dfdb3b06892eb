// The browser pages, used as a person uses them: a real host, real pictures, a headless Chromium.
//   node tests/e2e/run.mjs --host build/dev/bin/image-pipeline [--chromium FILE] [--shots FOLDER]
// Screenshots go to the folder, or to a temporary one that only a failure leaves behind.
import { rmSync } from 'node:fs';
import { after } from 'node:test';
import { closeBrowser } from './support/browser.mjs';
import { shotsFolder, shotsKept } from './support/options.mjs';
import './abilities.test.mjs';
import './again.test.mjs';
import './create.test.mjs';
import './follow.test.mjs';
import './queue.test.mjs';
import './recovery.test.mjs';
import './gallery.test.mjs';
import './gallery-changes.test.mjs';
import './vision.test.mjs';
import './editor.test.mjs';
import './key.test.mjs';
import './layout.test.mjs';
import './marks.test.mjs';
import './openapi.test.mjs';
import './retry.test.mjs';

after(closeBrowser);
process.on('exit', (code) => {
  if (code !== 0 || shotsKept) console.log(`# screenshots: ${shotsFolder}`);
  else rmSync(shotsFolder, { recursive: true, force: true });
});
