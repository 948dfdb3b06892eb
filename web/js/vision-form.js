// What is looked at, and by whom: the picture, the steering, the model; one analysis at a time.
import * as api from './api.js';
import { announce } from './announce.js';
import { byId, el, setText } from './dom.js';
import { FieldErrors } from './field-errors.js';
import { duration } from './format.js';
import { loadLimits } from './limits.js';
import { PictureInput } from './picture-input.js';

const kTickMs = 100;

export class VisionForm {
  // onScene(scene) is given what was seen.
  constructor({ onScene }) {
    this.onScene = onScene;
    this.form = byId('form');
    this.state = byId('analysis-state');
    this.errors = new FieldErrors(this.form, byId('form-error'));
    this.running = null;
    this.picture = new PictureInput({
      onFault: (message) => (message ? this.errors.show([{ field: 'image', message }]) : this.errors.clearOne('image')),
      onChange: () => {},
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.analyze();
    });
    byId('cancel').addEventListener('click', () => this.running?.abort());
    loadLimits().then((limits) => limits && this.picture.accept(limits.image));
    this.listModels();
  }

  async listModels() {
    try {
      const { data = [], default_model: usual } = await api.models();
      const select = this.form.elements.model;
      setText(select.options[0], usual ? `The usual one, ${usual}` : 'The usual one');
      const others = data.map((model) => model.id).filter((id) => typeof id === 'string' && id !== usual);
      select.append(...others.map((id) => el('option', { value: id, text: id })));
    } catch (error) {
      setText(byId('model-note'), error.message);
    }
  }

  async analyze() {
    if (this.running) return;
    this.clear();
    if (!this.picture.file) {
      this.errors.show([{ field: 'image', message: 'Choose, drop or paste a picture.' }]);
      return;
    }
    this.running = new AbortController();
    const started = performance.now();
    const elapsed = () => duration((performance.now() - started) / 1000);
    const tick = setInterval(() => setText(this.state, `Looking at the picture… ${elapsed()}`), kTickMs);
    this.setBusy(true);
    try {
      const scene = await api.analyze(this.body(), this.running.signal);
      this.onScene(scene);
      this.end(`Done in ${elapsed()}.`);
    } catch (error) {
      if (error.code === 'ABORTED') this.end(`Cancelled after ${elapsed()}.`);
      else this.refused(error);
    } finally {
      clearInterval(tick);
      this.running = null;
      this.setBusy(false);
    }
  }

  body() {
    const body = new FormData();
    body.append('image', this.picture.file, this.picture.file.name || 'picture');
    for (const name of ['steering', 'model']) {
      const value = this.form.elements[name].value.trim();
      if (value !== '') body.append(name, value);
    }
    return body;
  }

  end(message) {
    setText(this.state, message);
    announce(message);
  }

  clear() {
    this.errors.clear();
    byId('raw').hidden = true;
  }

  refused(error) {
    setText(this.state, '');
    const trace = error.correlationId ? ` (${error.correlationId})` : '';
    if (['IMAGE_TOO_LARGE', 'INVALID_IMAGE_FORMAT'].includes(error.code)) {
      this.errors.show([{ field: 'image', message: error.message }]);
    } else if (error.fields?.length > 0) {
      this.errors.show(error.fields);
    } else {
      this.errors.say(`${error.message}${trace}`);
    }
    byId('raw').hidden = !error.raw;
    setText(byId('raw-text'), error.raw ?? '');
  }

  setBusy(busy) {
    const stays = document.activeElement === byId('cancel');
    byId('submit').disabled = busy;
    byId('submit').setAttribute('aria-busy', String(busy));
    byId('cancel').hidden = !busy;
    if (busy) {
      setText(this.state, 'Looking at the picture…');
      announce('Looking at the picture');
      byId('cancel').focus();
    } else if (stays) {
      byId('submit').focus({ preventScroll: true });
    }
  }
}
