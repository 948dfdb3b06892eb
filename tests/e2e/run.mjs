// The browser pages, used as a person uses them: a real host, real pictures, a headless Chromium.
//   node tests/e2e/run.mjs --host build/dev/bin/image-pipeline [--part 1/2] [--chromium FILE] [--shots FOLDER]
// A part is every second file; both parts may run at once. Screenshots go to the folder, or to a temporary one
// that only a failure leaves behind.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { after } from 'node:test';
import { closeBrowser } from './support/browser.mjs';
import { part, shotsFolder, shotsKept } from './support/options.mjs';

// Neighbours take about as long, so that the parts do as well.
const kFiles = [
  'create', 'follow', 'recovery', 'retry', 'gallery', 'again', 'layout', 'editor', 'queue', 'vision',
  'gallery-changes', 'marks', 'abilities', 'key', 'openapi',
];
const kOfClients = 'openai-client';  // see clients.mjs
const there = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.mjs')).sort();
assert.deepEqual(there, [...kFiles, kOfClients].map((name) => `${name}.test.mjs`).sort(), 'kFiles lists every file');
for (let i = part.number - 1; i < kFiles.length; i += part.of) await import(`./${kFiles[i]}.test.mjs`);

after(closeBrowser);
process.on('exit', (code) => {
  if (code !== 0 || shotsKept) console.log(`# screenshots: ${shotsFolder}`);
  else rmSync(shotsFolder, { recursive: true, force: true });
});
