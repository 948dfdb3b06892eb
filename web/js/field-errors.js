// Puts each fault next to its field. A field is a container with `data-field="name"`; faults that
// belong to no field of the form go into the form's own message.
import { el, setText } from './dom.js';

export class FieldErrors {
  constructor(form, message) {
    this.form = form;
    this.message = message;
    this.places = new Map();
    for (const place of form.querySelectorAll('[data-field]')) this.prepare(place);
  }

  prepare(place) {
    const name = place.dataset.field;
    const text = el('p', { class: 'field-error', id: `error-${name}`, hidden: true });
    place.append(text);
    const inputs = [...place.querySelectorAll('input, textarea, select')];
    for (const input of inputs) {
      const others = input.getAttribute('aria-describedby');
      input.setAttribute('aria-describedby', others ? `${others} ${text.id}` : text.id);
      input.addEventListener('input', () => this.clearOne(name));
    }
    this.places.set(name, { place, text, inputs });
  }

  // `faults`: [{field, message}]. The first one gets the focus, its group is unfolded.
  show(faults, message = '') {
    this.clear();
    const homeless = [];
    let first = null;
    for (const fault of faults) {
      const found = this.places.get(fault.field);
      if (!found) {
        homeless.push(`${fault.field}: ${fault.message}`);
        continue;
      }
      setText(found.text, [found.text.hidden ? '' : found.text.textContent, fault.message].filter(Boolean).join(' '));
      found.text.hidden = false;
      for (const input of found.inputs) input.setAttribute('aria-invalid', 'true');
      found.place.closest('details')?.setAttribute('open', '');
      first ??= found.inputs.find((input) => !input.disabled);
    }
    this.say([message, ...homeless].filter(Boolean).join(' '));
    first?.focus();
  }

  say(message) {
    setText(this.message, message);
    this.message.hidden = message === '';
  }

  clearOne(name) {
    const { text, inputs } = this.places.get(name);
    if (text.hidden) return;
    text.hidden = true;
    setText(text, '');
    for (const input of inputs) input.removeAttribute('aria-invalid');
  }

  clear() {
    for (const name of this.places.keys()) this.clearOne(name);
    this.say('');
  }
}
