// Pictures that somebody puts into a folder by hand.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { png } from './png.mjs';

export const droppedName = (prefix, i) => `${prefix}-${String(i).padStart(3, '0')}.png`;

// `count` of them, each one second newer than the one before; the first of the time `from`.
export async function drop(folder, prefix, count, from) {
  await mkdir(folder, { recursive: true });
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    const file = path.join(folder, droppedName(prefix, i));
    await writeFile(file, png(60, 40, [i, 120, 200 - i]));
    await utimes(file, from + i, from + i);
  }));
}
