// Shows one picture large, with all that is known of it, and steps through its neighbours.
import { el, setText } from './dom.js';
import { bytes, duration, moment } from './format.js';

// An item: {url, filename, endpoint, prompt, seed, width, height, duration, guidance, run, size, mtime,
// jobId}; what is missing is left out. `onReuse(item)` is offered where it is given.
export class Lightbox {
  constructor({ onReuse = null, onNearEnd = () => {} } = {}) {
    this.onReuse = onReuse;
    this.onNearEnd = onNearEnd;
    this.items = [];
    this.index = 0;
    this.build();
  }

  build() {
    this.image = el('img', { class: 'large', alt: '' });
    this.image.addEventListener('error', () => this.figure.classList.add('broken'));
    this.image.addEventListener('load', () => this.figure.classList.remove('loading'));
    this.heading = el('h2', { id: 'lightbox-title' });
    this.facts = el('dl', { class: 'facts' });
    this.prompt = el('p', { class: 'full-prompt', tabindex: '0' });
    this.download = el('a', { class: 'button', text: 'Download' });
    this.original = el('a', { class: 'button', text: 'Open the file', target: '_blank', rel: 'noopener' });
    this.close = el('button', { type: 'button', class: 'quiet close', text: 'Close', on: { click: () => this.dialog.close() } });
    this.place = el('span', { class: 'place' });
    this.before = step('Previous picture', '‹', () => this.move(-1));
    this.after = step('Next picture', '›', () => this.move(1));
    const reuse = this.onReuse && el('button', {
      type: 'button', class: 'primary', text: 'Use again',
      on: { click: () => { this.dialog.close(); this.onReuse(this.items[this.index]); } },
    });
    this.figure = el('div', { class: 'figure' }, this.before, this.image, this.after);
    this.dialog = el('dialog', { class: 'lightbox', 'aria-labelledby': 'lightbox-title' },
      el('div', { class: 'lightbox-inner' }, this.figure,
        el('div', { class: 'details' },
          el('header', {}, this.heading, this.place, this.close),
          this.prompt, this.facts,
          el('div', { class: 'buttons' }, reuse, this.download, this.original))));
    this.dialog.addEventListener('keydown', (event) => this.key(event));
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  open(items, index) {
    this.items = items;
    this.index = index;
    this.show();
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.close.focus({ preventScroll: true });
    this.dialog.scrollTop = 0;
  }

  // For a list that grows while the picture is open.
  extend(items) {
    const index = items.indexOf(this.items[this.index]);
    if (!this.dialog.open || index < 0) return;
    this.items = items;
    this.index = index;
    this.showPlace();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') this.move(-1);
    else if (event.key === 'ArrowRight') this.move(1);
  }

  move(by) {
    const next = this.index + by;
    if (next < 0 || next >= this.items.length) return;
    this.index = next;
    this.show();
  }

  show() {
    const item = this.items[this.index];
    this.figure.classList.remove('broken');
    this.figure.classList.add('loading');
    const [width, height] = [item.width ?? 1, item.height ?? 1];
    this.image.style.setProperty('--width', String(width));
    this.image.style.setProperty('--height', String(height));
    this.image.src = item.url;
    this.image.alt = item.prompt || item.filename;
    setText(this.heading, item.endpoint || item.filename);
    setText(this.prompt, item.prompt || 'No prompt is known for this picture.');
    this.prompt.scrollTop = 0;
    this.facts.replaceChildren(...factsOf(item));
    this.download.href = item.url;
    this.download.setAttribute('download', item.filename);
    this.original.href = item.url;
    this.showPlace();
    if (this.index >= this.items.length - 4) this.onNearEnd();
  }

  showPlace() {
    setText(this.place, `${this.index + 1} of ${this.items.length}`);
    this.before.disabled = this.index === 0;
    this.after.disabled = this.index === this.items.length - 1;
  }
}

function factsOf(item) {
  const facts = [
    ['Seed', item.seed],
    ['Size', item.width && item.height ? `${item.width} × ${item.height}` : null],
    ['Took', duration(item.duration)],
    ['Guidance', item.guidance],
    ['Run', item.run],
    ['Made', moment(item.mtime)],
    ['On disk', bytes(item.size)],
    ['Job', item.jobId],
    ['File', item.filename],
  ];
  return facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .flatMap(([name, value]) => [el('dt', { text: name }), el('dd', { text: String(value) })]);
}

function step(label, sign, click) {
  return el('button', { type: 'button', class: 'step', 'aria-label': label, text: sign, on: { click } });
}
