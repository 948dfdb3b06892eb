// The subjects of a scene: a list whose entries can be added and removed.
import { el, setText } from './dom.js';
import { Palette, TextField } from './scene-field.js';
import { emptySubject, isObject, put } from './scene-model.js';

export class Subjects {
  // onEdit(change): `change` is a function that is given the scene and alters it.
  constructor(onEdit) {
    this.onEdit = onEdit;
    this.cards = [];
    this.list = el('div', { class: 'subjects' });
    this.note = el('p', { class: 'hint' });
    this.button = el('button', { type: 'button', text: 'Add a subject', on: { click: () => this.add() } });
    this.element = el('fieldset', { class: 'wide' }, el('legend', { text: 'Subjects' }), this.list, this.note, this.button);
  }

  fill(value) {
    const wrong = value !== undefined && value !== null && !Array.isArray(value);
    const subjects = Array.isArray(value) ? value : [];
    this.button.disabled = wrong;
    setText(this.note, wrong ? 'This is not a list: change it in the JSON.' : subjects.length === 0 ? 'None yet.' : '');
    while (this.cards.length > subjects.length) this.cards.pop().element.remove();
    while (this.cards.length < subjects.length) {
      const card = new Subject(this.cards.length, this);
      this.cards.push(card);
      this.list.append(card.element);
    }
    subjects.forEach((subject, index) => this.cards[index].fill(subject));
  }

  add() {
    this.onEdit((scene) => { scene.subjects = [...(scene.subjects ?? []), emptySubject()]; });
    this.cards.at(-1)?.focus();
  }

  remove(index) {
    this.onEdit((scene) => scene.subjects.splice(index, 1));
    const next = this.cards[Math.min(index, this.cards.length - 1)];
    if (next) next.focus();
    else this.button.focus();
  }
}

class Subject {
  constructor(index, owner) {
    const number = index + 1;
    const edit = (name) => (value) => owner.onEdit((scene) => put(scene, ['subjects', index, name], value));
    this.description = new TextField({ label: 'Description', rows: 2 }, edit('description'));
    this.position = new TextField({ label: 'Position', hint: 'in the frame' }, edit('position'));
    this.colors = new Palette({ label: `Colours of subject ${number}` }, edit('color_palette'));
    this.fields = el('div', { class: 'scene-fields' }, this.description.element, this.position.element, this.colors.element);
    this.note = el('p', { class: 'hint', text: 'This is not an object: change it in the JSON.' });
    this.button = el('button', {
      type: 'button', class: 'quiet danger', text: 'Remove', 'aria-label': `Remove subject ${number}`,
      on: { click: () => owner.remove(index) },
    });
    this.element = el('fieldset', { class: 'subject' }, el('legend', { text: `Subject ${number}` }), this.fields, this.note, this.button);
  }

  fill(subject) {
    const fits = isObject(subject);
    this.fields.hidden = !fits;
    this.note.hidden = fits;
    if (!fits) return;
    this.description.fill(subject.description);
    this.position.fill(subject.position);
    this.colors.fill(subject.color_palette);
  }

  focus() {
    (this.fields.hidden ? this.button : this.description.input).focus();
  }
}
