// What the host accepts: ranges and choices, asked for once. Until they are known, and when they
// cannot be had, a form checks nothing itself: the host's faults come back per field.
import * as api from './api.js';

const kExact = /^(\d+)x(\d+)$/;
const kRatios = { landscape: [3, 2], portrait: [2, 3], square: [1, 1] };

let known = null;
let asking = null;

// Resolves to the limits, or null; asks again after a failure.
export function loadLimits() {
  asking ??= api.limits().then((limits) => {
    known = limits;
    return limits;
  }).catch(() => {
    asking = null;
    return null;
  });
  return asking;
}

export const limits = () => known;

// Why a number is out of a range, or "".
export function rangeFault(name, value, kind = 'number') {
  const range = known?.[name];
  if (!range || (value >= range.min && value <= range.max)) return '';
  return `Must be a ${kind} from ${range.min} to ${range.max}.`;
}

// "1mp" and "768x512" as people write it.
export const sizeName = (name) => String(name).replace(kExact, '$1 × $2').replace(/(?<=\d)(?=[a-z])/, ' ');
export const isExactSize = (size) => kExact.test(size);

// [width, height] of a size and orientation; only their ratio is sure before the limits are known.
export function pixels(size, orientation) {
  const exact = kExact.exec(size);
  if (exact) return [Number(exact[1]), Number(exact[2])];
  const found = known?.sizes.find((one) => one.name === size)?.[orientation];
  return found ? [found.width, found.height] : kRatios[orientation] ?? kRatios.landscape;
}
