// What an endpoint tells of itself, as lines for people: [[term, text]]. What it does not tell is allowed.
import { usualSteps } from './abilities.js';
import { plural } from './format.js';

const kMostNames = 12;
const kRoles = { start: 'a start picture', mask: 'a mask', reference: 'reference pictures', control: 'control pictures' };
const kCancel = {
  immediate: 'at once', step: 'after the step it is at', none: 'never: it draws on, and what it makes is dropped',
};

// `usual`: the steps that the host asks for when nobody chooses, or undefined.
export function factsAbout(can, usual) {
  if (!can) return [['Abilities', 'not known yet']];
  return [
    ['Model', modelText(can)],
    ['Sizes', sizeText(can)],
    ['Steps', stepsText(can, usual)],
    ['Guidance', rangeText(can.guidance_scale)],
    ['Negative prompt', leftOutText(can.negative_prompt)],
    ['Seed', leftOutText(can.seed)],
    ['Input pictures', inputText(can)],
    ['While it draws', liveText(can)],
    ['Cancel stops it', can.cancel === undefined ? '' : kCancel[can.cancel] ?? can.cancel],
  ].filter(([, text]) => text !== '');
}

function modelText({ model, models = [] }) {
  const others = named(models.filter((name) => name !== model));
  if (model) return others === '' ? model : `${model}; it also has ${others}`;
  return others === '' ? 'not told' : `the one chosen there, of ${others}`;
}

// A server may have hundreds.
function named(names) {
  const rest = names.length - kMostNames;
  return rest > 0 ? `${names.slice(0, kMostNames).join(', ')} and ${plural(rest, 'other')}` : names.join(', ');
}

function sizeText({ sizes, size }) {
  if (sizes?.length > 0) {
    return `${sizes.map(({ width, height }) => `${width} × ${height}`).join(', ')}; others become the nearest of these`;
  }
  const rules = [];
  if (size?.min_side && size.max_side) rules.push(`${size.min_side} to ${size.max_side} pixels a side`);
  else if (size?.max_side) rules.push(`at most ${size.max_side} pixels a side`);
  else if (size?.min_side) rules.push(`at least ${size.min_side} pixels a side`);
  if (size?.multiple_of > 1) rules.push(`multiples of ${size.multiple_of}`);
  if (size?.max_pixels) rules.push(`at most ${Number((size.max_pixels / 1e6).toFixed(1))} megapixels`);
  return rules.length > 0 ? `${rules.join(', ')}; others become the nearest` : 'any size';
}

function stepsText({ steps }, usual) {
  if (steps === false) return rangeText(false);
  const without = steps?.default ?? usual;
  return without === undefined ? rangeText(steps) : `${rangeText(steps)}; ${usualSteps([{ steps }], without)} when left empty`;
}

function rangeText(limits) {
  if (limits === false) return 'its own, cannot be chosen';
  return limits ? `${limits.min} to ${limits.max}` : 'any';
}

function leftOutText(does) {
  if (does === undefined) return '';
  return does ? 'yes' : 'no, it is left out';
}

function inputText({ image_to_image: start, input_roles: roles, max_inputs: most, max_image_side: side }) {
  const taken = new Set(roles ?? (start === undefined ? [] : ['start']));
  if (start === false) taken.delete('start');
  if (most === 0 || (taken.size === 0 && (roles || start === false))) return 'none';
  if (taken.size === 0) return 'any';
  const parts = [[...taken].map((role) => kRoles[role] ?? role).join(', ')];
  if (most > 1) parts.push(`${most} at most`);
  if (side) parts.push(`reduced to ${side} pixels a side`);
  return parts.join('; ');
}

function liveText({ progress, previews }) {
  if (progress === undefined && previews === undefined) return '';
  const shown = [progress && 'live progress', previews && 'previews'].filter(Boolean);
  return shown.length > 0 ? shown.join(' and ') : 'nothing is shown until it is done';
}
