// One message at the foot of the page with what can still be done about it. A newer one takes its
// place; it stays as long as somebody is busy with it.
import { el, setText } from './dom.js';

const kStayMs = 12_000;

export class Toast {
  constructor() {
    this.text = el('p', { role: 'status' });
    this.button = el('button', { type: 'button', class: 'quiet', text: 'Undo', on: { click: () => this.act() } });
    this.close = el('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', text: '✕', on: { click: () => this.hide() } });
    this.element = el('div', { class: 'toast', hidden: true }, this.text, this.button, this.close);
    for (const type of ['pointerenter', 'focusin']) this.element.addEventListener(type, () => clearTimeout(this.timer));
    for (const type of ['pointerleave', 'focusout']) this.element.addEventListener(type, () => this.leaveLater());
    document.body.append(this.element);
  }

  // `action`: {label, run} or null.
  show(text, action = null) {
    // Above a dialog only what is inside it can be seen and used.
    const place = document.querySelector('dialog[open]') ?? document.body;
    if (this.element.parentNode !== place) place.append(this.element);
    this.action = action;
    this.element.hidden = false;
    setText(this.text, text);
    this.button.hidden = action === null;
    if (action) setText(this.button, action.label);
    this.leaveLater();
  }

  async act() {
    const { action } = this;
    this.hide();
    await action?.run();
  }

  leaveLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), kStayMs);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
    this.action = null;
    setText(this.text, '');
  }
}
