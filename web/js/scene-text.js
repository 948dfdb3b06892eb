// A scene as JSON text that can be edited, with what is to be said of it below.
import { setText } from './dom.js';
import { furtherFields, parseScene, remarksOn, sceneText } from './scene-model.js';

export class SceneText {
  // `field` is a textarea, `state` a status element; onInput() comes after each change by a person.
  constructor(field, state, onInput = () => {}) {
    this.field = field;
    this.state = state;
    this.scene = null;  // as the text has it; null when it is not valid
    field.addEventListener('input', () => {
      this.check();
      onInput();
    });
  }

  get text() {
    return this.field.value;
  }

  set(text) {
    this.field.value = text;
    this.check();
  }

  show(scene) {
    this.set(sceneText(scene));
  }

  check() {
    const { scene = null, fault } = parseScene(this.text);
    const empty = this.text.trim() === '';
    this.scene = scene;
    this.fault = empty ? 'There is no scene yet.' : fault ?? '';
    this.field.setAttribute('aria-invalid', String(!scene && !empty));
    this.state.dataset.state = scene ? 'valid' : empty ? 'empty' : 'invalid';
    setText(this.state, scene ? remarks(scene) : this.fault);
  }
}

function remarks(scene) {
  const further = furtherFields(scene);
  const said = ['Valid JSON.', ...remarksOn(scene)];
  if (further.length > 0) said.push(`Further fields, kept as they are: ${further.join(', ')}.`);
  return said.join(' ');
}
