// Between the form's fields and a request: reading with the faults that can be told at once, and
// filling in from an earlier job. What the host would refuse for its limits is told beforehand.
import { offerSizes } from './form-limits.js';
import { isExactSize, limits, rangeFault } from './limits.js';

// Returns {body, faults}.
export function readForm(form, endpoints) {
  const fields = form.elements;
  const faults = [];
  const fault = (field, message) => faults.push({ field, message });
  const body = { prompt: fields.prompt.value.trim(), random: fields.random.checked };
  if (!body.random && body.prompt === '') fault('prompt', 'Write a prompt, or let the language model write it.');
  else if (isTooLong(body.prompt)) fault('prompt', `At most ${most().toLocaleString('en')} characters are accepted.`);
  for (const name of ['count', 'steps', 'priority']) whole(fields[name], name, body, fault);
  body.size = fields.size.value;
  if (!isExactSize(body.size)) body.orientation = fields.orientation.value;
  // What is left empty is the host's or the endpoint's to choose.
  if (fields.prompt_mode.value === 'different') body.prompt_mode = 'different';
  if (body.prompt_mode === 'different' && fields.prompt2.value.trim() !== '') body.prompt2 = fields.prompt2.value.trim();
  if (fields.negative_prompt.value.trim() !== '') body.negative_prompt = fields.negative_prompt.value.trim();
  seed(fields.seed.value.trim(), body, fault);
  guidance(fields, body, fault);
  body.endpoints = endpoints;
  if (Array.isArray(endpoints) && endpoints.length === 0) fault('endpoints', 'Choose at least one endpoint.');
  if (endpoints === 'any' && body.prompt_mode === 'different') {
    fault('prompt_mode', 'Different prompts need endpoints to tell apart: choose all or certain ones.');
  }
  return { body, faults };
}

export const most = () => limits()?.prompt.max_length ?? Infinity;
export const isTooLong = (text) => text.length > most() && [...text].length > most();

export function whole(input, name, body, fault) {
  const text = input.value.trim();
  if (text === '' && !input.validity.badInput) return;
  const value = Number(text);
  const wrong = text === '' || !Number.isInteger(value) ? 'Must be a whole number.' : rangeFault(name, value, 'whole number');
  if (wrong) fault(name, wrong);
  else body[name] = value;
}

export function seed(text, body, fault) {
  if (text === '' || text === '-1') return;
  const value = Number(text);
  const wrong = /^\d+$/.test(text) ? rangeFault('seed', value, 'whole number') : 'Must be a whole number, or empty.';
  if (wrong) fault('seed', wrong);
  else body.seed = value;
}

function guidance(fields, body, fault) {
  const way = fields.guidance.value;
  if (way === 'random') body.guidance_scale = 'random';
  if (way !== 'fixed') return;
  const text = fields.guidance_scale.value.trim();
  const value = Number(text);
  const wrong = text === '' || !Number.isFinite(value) ? 'Must be a number.' : rangeFault('guidance_scale', value);
  if (wrong) fault('guidance_scale', wrong);
  else body.guidance_scale = value;
}

// `values` has the names of a request; what is missing keeps its place in the form.
export function fillForm(form, values) {
  const fields = form.elements;
  const put = (name, value) => {
    if (value !== undefined && value !== null) fields[name].value = String(value);
  };
  if (limits() && values.size !== undefined) offerSizes(form, limits(), values.size);
  for (const name of ['prompt', 'count', 'orientation', 'size', 'prompt_mode', 'strength']) put(name, values[name]);
  fields.random.checked = Boolean(values.random);
  fields.seed.value = values.seed ?? '';
  if (values.size === undefined) return;
  fields.steps.value = values.steps_by_default ? '' : values.steps ?? '';
  fields.priority.value = values.priority ?? '';
  fields.prompt2.value = values.prompt2 ?? '';
  fields.negative_prompt.value = values.negative_prompt ?? '';
  const scale = values.guidance_scale;
  fields.guidance.value = scale === 'random' ? 'random' : typeof scale === 'number' ? 'fixed' : 'default';
  fields.guidance_scale.value = typeof scale === 'number' ? String(scale) : '';
}

// The values that make one finished picture again.
export function valuesOf(item) {
  const values = { ...(item.request ?? {}), prompt: item.source ?? item.prompt ?? '', random: false, count: 1, prompt_mode: 'same' };
  delete values.prompt2;
  values.seed = item.seed ?? null;
  if (item.guidance !== undefined && item.guidance !== null) values.guidance_scale = item.guidance;
  return values;
}
