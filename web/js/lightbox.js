// Shows one picture large, with all that is known of it, and steps through its neighbours.
import { el, setText } from './dom.js';
import { bytes, duration, moment, plural } from './format.js';

// An item: {url, filename, endpoint, prompt, seed, width, height, duration, guidance, run, size, mtime,
// jobId, starred, trashed_at, dialect, losses}; what is missing is left out. `onReuse(item)`, `onStar(item)` and
// `onTrash(item)`, which restores what is in the trash, are offered where they are given.
export class Lightbox {
  constructor({ onReuse = null, onStar = null, onTrash = null, onNearEnd = () => {} } = {}) {
    this.onReuse = onReuse;
    this.onStar = onStar;
    this.onTrash = onTrash;
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
    this.losses = el('details', { class: 'losses', hidden: true });
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
    this.star = this.onStar && el('button', {
      type: 'button', text: 'Star', 'aria-keyshortcuts': 'S', on: { click: () => this.onStar(this.items[this.index]) },
    });
    this.trash = this.onTrash && el('button', {
      type: 'button', text: 'Delete', 'aria-keyshortcuts': 'Delete', on: { click: () => this.onTrash(this.items[this.index]) },
    });
    this.figure = el('div', { class: 'figure' }, this.before, this.image, this.after);
    this.dialog = el('dialog', { class: 'lightbox', 'aria-labelledby': 'lightbox-title' },
      el('div', { class: 'lightbox-inner' }, this.figure,
        el('div', { class: 'details' },
          el('header', {}, this.heading, this.place, this.close),
          this.prompt, this.losses, this.facts,
          el('div', { class: 'buttons' }, reuse, this.star, this.download, this.original, this.trash))));
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

  // For a list that changes while the picture is open; when that is gone, its nearest neighbour is shown. An item is
  // the same picture by its name: a list that was read anew holds other objects.
  extend(items) {
    if (!this.dialog.open) return;
    const shown = this.items[this.index];
    const index = placeOf(this.items, this.index, items);
    this.items = items;
    if (index < 0) return this.dialog.close();
    this.index = index;
    const item = items[index];
    if (item.filename !== shown.filename || item.mtime !== shown.mtime) return this.show();
    this.showPlace();
    this.showMarks();
  }

  // After the fields of an item have changed.
  changed(item) {
    if (!this.dialog.open || this.items[this.index] !== item) return;
    if (Boolean(item.trashed_at) === this.shownTrashed) this.showMarks();
    else this.show();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') this.move(-1);
    else if (event.key === 'ArrowRight') this.move(1);
    else if (event.key.toLowerCase() === 's' && this.star && !this.star.hidden) this.star.click();
    else if (event.key === 'Delete') this.trash?.click();
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
    this.shownTrashed = Boolean(item.trashed_at);
    this.image.src = item.trashed_at ? item.thumbnail_url ?? '' : item.url;
    this.image.alt = item.prompt || item.filename;
    setText(this.heading, item.endpoint || item.filename);
    setText(this.prompt, item.prompt || 'No prompt is known for this picture.');
    this.prompt.scrollTop = 0;
    showLosses(this.losses, item.losses ?? []);
    this.facts.replaceChildren(...factsOf(item));
    this.download.href = item.url;
    this.download.setAttribute('download', item.filename);
    this.original.href = item.url;
    this.showMarks();
    this.showPlace();
    if (this.index >= this.items.length - 4) this.onNearEnd();
  }

  showMarks() {
    const item = this.items[this.index];
    if (this.star) {
      this.star.hidden = Boolean(item.trashed_at);
      this.star.setAttribute('aria-pressed', String(Boolean(item.starred)));
      setText(this.star, item.starred ? '★ Starred' : '☆ Star');
    }
    if (this.trash) setText(this.trash, item.trashed_at ? 'Restore' : 'Delete');
    // A picture in the trash is not served, but its thumbnail is.
    for (const link of [this.download, this.original]) link.hidden = Boolean(item.trashed_at);
  }

  showPlace() {
    setText(this.place, `${this.index + 1} of ${this.items.length}`);
    this.before.disabled = this.index === 0;
    this.after.disabled = this.index === this.items.length - 1;
  }
}

// Where in `items` the picture is that stands at `index` of `before`, or else the nearest after or before it that is
// left; -1 when `items` is empty.
function placeOf(before, index, items) {
  const places = new Map(items.map(({ filename }, at) => [filename, at]));
  const near = [...before.slice(index), ...before.slice(0, index).reverse()];
  const left = near.find(({ filename }) => places.has(filename));
  return left ? places.get(left.filename) : Math.min(index, items.length - 1);
}

function factsOf(item) {
  const facts = [
    ['Seed', item.seed],
    ['Size', item.width && item.height ? `${item.width} × ${item.height}` : null],
    ['Took', duration(item.duration)],
    ['Guidance', item.guidance],
    ['Run', item.run],
    ['Dialect', item.dialect],
    ['Made', moment(item.mtime)],
    ['Thrown away', item.trashed_at && moment(item.trashed_at)],
    ['On disk', bytes(item.size)],
    ['Job', item.jobId],
    ['File', item.filename],
  ];
  return facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .flatMap(([name, value]) => [el('dt', { text: name }), el('dd', { text: String(value) })]);
}

// What the prompt could not say of the scene.
function showLosses(details, losses) {
  details.hidden = losses.length === 0;
  details.replaceChildren(
    el('summary', { text: `${plural(losses.length, 'part')} of the scene not said` }),
    el('ul', {}, ...losses.map(({ field, reason }) => el('li', {}, field && el('code', { text: field }), field && ': ', reason))));
}

function step(label, sign, click) {
  return el('button', { type: 'button', class: 'step', 'aria-label': label, text: sign, on: { click } });
}
