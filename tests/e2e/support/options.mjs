// The command line, read before any test begins.
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    host: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    part: { type: 'string', default: '1/1' },
    shots: { type: 'string' },
  },
});
for (const name of ['host', 'chromium']) {
  if (values[name] && existsSync(values[name])) continue;
  console.error(`--${name}: ${values[name] ? `there is no ${values[name]}` : 'is missing'}`);
  process.exit(64);
}
const [number, of] = values.part.split('/').map(Number);
if (!(number >= 1 && number <= of)) {
  console.error(`--part: a number and how many there are, as in 1/2, not ${values.part}`);
  process.exit(64);
}
if (values.shots) mkdirSync(values.shots, { recursive: true });

export const hostFile = path.resolve(values.host);
export const chromiumFile = values.chromium;
export const part = { number, of };
export const shotsKept = Boolean(values.shots);
export const shotsFolder = values.shots ?? mkdtempSync(path.join(tmpdir(), 'ipl-e2e-shots-'));
