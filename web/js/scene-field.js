// One field of a scene with its label, and the palette: a list of colours as chips.
import { announce } from './announce.js';
import { el } from './dom.js';

let count = 0;
const freshId = () => `scene-${++count}`;

// What stands in a field for a value of whatever type.
const shown = (value) => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

// `field`: {label, hint, rows, number}; onInput(value).
export class TextField {
  constructor({ label, hint = '', rows = 0, number = false }, onInput) {
    const id = freshId();
    this.input = rows > 0 ? el('textarea', { id, rows }) : el('input', { id, type: 'text', inputmode: number ? 'decimal' : null, autocomplete: 'off' });
    this.element = el('div', { class: rows > 0 ? 'field wide' : 'field' },
      el('label', { for: id }, label, hint && el('span', { class: 'hint', text: ` ${hint}` })), this.input);
    this.input.addEventListener('input', () => onInput(number ? numberOf(this.input.value) : this.input.value));
  }

  fill(value) {
    if (this.input.value !== shown(value)) this.input.value = shown(value);
  }
}

function numberOf(text) {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

export class Palette {
  constructor({ label }, onInput) {
    const id = freshId();
    this.label = label;
    this.onInput = onInput;
    this.colors = [];
    this.chips = el('ul', { class: 'chips' });
    this.note = el('p', { class: 'hint', hidden: true, text: 'This is not a list: change it in the JSON.' });
    this.input = el('input', { id, type: 'text', placeholder: 'a name or #rrggbb', autocomplete: 'off' });
    this.picker = el('input', { type: 'color', value: '#808080', 'aria-label': `${label}: pick a colour` });
    this.button = el('button', { type: 'button', text: 'Add', 'aria-label': `${label}: add the colour`, on: { click: () => this.add(this.input.value) } });
    this.element = el('div', { class: 'field wide palette' }, el('label', { for: id, text: label }), this.chips, this.note,
      el('div', { class: 'inline' }, this.input, this.picker, this.button));
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ',') return;
      event.preventDefault();
      this.add(this.input.value);
    });
    this.picker.addEventListener('change', () => this.add(this.picker.value));
  }

  fill(value) {
    const isList = Array.isArray(value);
    const wrong = !isList && value !== undefined && value !== null;
    this.note.hidden = !wrong;
    for (const control of [this.input, this.picker, this.button]) control.disabled = wrong;
    const colors = isList ? value : [];
    if (JSON.stringify(colors) === JSON.stringify(this.colors)) return;
    this.colors = colors;
    this.draw();
  }

  draw() {
    this.chips.replaceChildren(...this.colors.map((color, index) => this.chip(shown(color), index)));
  }

  chip(text, index) {
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    const known = cssColor(text);
    if (known) swatch.style.background = known;
    else swatch.classList.add('unknown');
    const remove = el('button', { type: 'button', class: 'link', 'aria-label': `${this.label}: remove ${text}`, text: '✕', on: { click: () => this.remove(index) } });
    return el('li', { class: 'chip' }, swatch, el('span', { text }), remove);
  }

  add(text) {
    const colors = text.split(',').map((part) => part.trim()).filter(Boolean);
    if (colors.length === 0) return;
    this.input.value = '';
    this.change([...this.colors, ...colors]);
    announce(`${colors.join(', ')} added`);
  }

  remove(index) {
    this.change(this.colors.filter((_, at) => at !== index));
    const next = this.chips.children[Math.min(index, this.colors.length - 1)];
    (next?.querySelector('button') ?? this.input).focus();
  }

  change(colors) {
    this.colors = colors;
    this.draw();
    this.onInput(colors);
  }
}

// What CSS makes of a colour's name: "dark green" is one of its own, of "warm orange" the last word is.
function cssColor(text) {
  const words = text.trim().toLowerCase().split(/\s+/);
  return [words.join(''), words.at(-1)].find((name) => CSS.supports('color', name) && name !== 'inherit');
}
