// A form's ranges and choices, as the host tells them; of these fields it has some or all.
import { byId, el, setText } from './dom.js';
import { isExactSize, sizeName } from './limits.js';

const kRanges = ['count', 'steps', 'priority', 'strength', 'guidance_scale'];

export function applyLimits(form, limits) {
  for (const name of kRanges.filter((one) => form.elements[one])) {
    form.elements[name].min = String(limits[name].min);
    form.elements[name].max = String(limits[name].max);
    if (typeof limits[name].default === 'number') form.elements[name].placeholder = String(limits[name].default);
  }
  offer(form, 'orientation', limits.orientations, capital);
  offerSizes(form, limits, form.elements.size.value);
  const select = form.elements.prompt_mode;
  if (!select) return;
  for (const option of [...select.options]) if (!limits.prompt_modes.includes(option.value)) option.remove();
  if (!limits.prompt_writer.is_model) setText(byId('random-label'), 'Let the host write it, without a language model');
}

// The host's sizes, and in pixels that of an earlier job which is filled in.
export function offerSizes(form, limits, chosen) {
  const names = limits.sizes.map((size) => size.name);
  offer(form, 'size', isExactSize(chosen) ? [...names, chosen] : names, sizeName);
}

// Radio buttons for exactly these values; those that are there already stay as they are.
function offer(form, name, values, label) {
  const group = form.querySelector(`[data-field="${name}"] .segments`);
  const known = new Map([...group.querySelectorAll('input')].map((input) => [input.value, input.parentElement]));
  const chosen = form.elements[name].value;
  if ([...known.keys()].join('\n') === values.join('\n')) return;
  group.replaceChildren(...values.map((value) => known.get(value)
    ?? el('label', {}, el('input', { type: 'radio', name, value }), el('span', { text: label(value) }))));
  form.elements[name].value = values.includes(chosen) ? chosen : values[0];
}

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
