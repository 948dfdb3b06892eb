// Which pictures are selected, and the bar that says what can be done with them.
import * as api from './api.js';
import { byId, el, setText } from './dom.js';
import { plural } from './format.js';

const kMostInZip = 1000;

export class Selection {
  // `onTrash(items)`, `onRestore(items)`, `onChange(item, on)`, `onFault(message)`.
  constructor({ onTrash, onRestore, onChange, onFault }) {
    this.items = new Set();
    this.onChange = onChange;
    this.onFault = onFault;
    this.bar = byId('selection');
    this.count = byId('selection-count');
    this.zip = byId('selection-zip');
    this.trash = byId('selection-trash');
    this.restore = byId('selection-restore');
    this.zip.addEventListener('click', () => this.download());
    this.trash.addEventListener('click', () => onTrash([...this.items]));
    this.restore.addEventListener('click', () => onRestore([...this.items]));
    byId('selection-clear').addEventListener('click', () => this.clear());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) this.clear();
    });
  }

  set(item, on) {
    if (on) this.items.add(item);
    else this.items.delete(item);
    this.onChange(item, on);
    this.show();
  }

  clear() {
    for (const item of [...this.items]) this.set(item, false);
  }

  show() {
    const [first] = this.items;
    this.bar.hidden = !first;
    document.body.classList.toggle('selecting', Boolean(first));
    setText(this.count, `${plural(this.items.size, 'picture')} selected`);
    const inTrash = Boolean(first?.trashed_at);
    this.zip.hidden = inTrash;
    this.trash.hidden = inTrash;
    this.restore.hidden = !inTrash;
    this.zip.disabled = this.busy || this.items.size > kMostInZip;
    this.zip.title = this.items.size > kMostInZip ? `At most ${plural(kMostInZip, 'picture')} at once` : '';
  }

  async download() {
    this.busy = true;
    setText(this.zip, 'Packing…');
    this.show();
    try {
      const { blob, name } = await api.zip([...this.items].map((item) => item.filename));
      const url = URL.createObjectURL(blob);
      el('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      this.onFault(`The download failed: ${error.message}`);
    } finally {
      this.busy = false;
      setText(this.zip, 'Download as ZIP');
      this.show();
    }
  }
}
