// One picture of the gallery with what can be done to it. Focused, it takes keys too: S stars, Delete
// throws away, X selects.
import { el, setText } from './dom.js';
import { smallPicture } from './small-picture.js';

export class Tile {
  // `actions`: {open, star, trash, restore, select}, each called with the item.
  constructor(item, actions) {
    this.item = item;
    this.actions = actions;
    const name = (item.prompt || item.filename).slice(0, 200);
    this.open = el('button', {
      type: 'button', class: 'tile-open', on: { click: () => actions.open(item) },
      'aria-label': `${name}${item.endpoint ? `, ${item.endpoint}` : ''}`,
      'aria-keyshortcuts': item.trashed_at ? 'X' : 'S Delete X',
    }, smallPicture(item, { alt: '' }), el('span', { class: 'tile-text' },
      el('span', { class: 'tile-prompt', text: item.prompt || item.filename }),
      el('span', { class: 'tile-endpoint', text: item.endpoint ?? '' })));
    this.check = el('input', {
      type: 'checkbox', class: 'tile-check', 'aria-label': `Select ${name}`,
      on: { change: () => actions.select(item, this.check.checked) },
    });
    this.star = tool('star', () => actions.star(item));
    const other = item.trashed_at ? tool('restore', () => actions.restore(item), `Restore ${name}`, '↩')
      : tool('trash', () => actions.trash(item), `Move to the trash: ${name}`, '✕');
    this.element = el('li', { class: 'tile', data: { filename: item.filename } }, this.open, this.check,
      el('span', { class: 'tile-tools' }, other, !item.trashed_at && this.star));
    this.element.style.setProperty('--ratio', String(item.width && item.height ? item.width / item.height : 1));
    this.open.addEventListener('keydown', (event) => this.key(event));
    this.name = name;
    this.update();
  }

  // After the item's fields have changed.
  update() {
    const { starred } = this.item;
    this.element.classList.toggle('starred', starred);
    this.star.setAttribute('aria-pressed', String(starred));
    this.star.setAttribute('aria-label', `Star ${this.name}`);
    setText(this.star, starred ? '★' : '☆');
  }

  select(on) {
    this.check.checked = on;
    this.element.classList.toggle('selected', on);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { item, actions } = this;
    const key = event.key.toLowerCase();
    if (key === 'x') actions.select(item, !this.check.checked);
    else if (item.trashed_at) return;
    else if (key === 's') actions.star(item);
    else if (key === 'delete') actions.trash(item);
    else return;
    event.preventDefault();
  }
}

function tool(kind, click, label = '', text = '') {
  return el('button', { type: 'button', class: `tile-tool ${kind}`, 'aria-label': label, title: titles[kind], text, on: { click } });
}

const titles = { star: 'Star (S)', trash: 'Move to the trash (Delete)', restore: 'Restore' };
