// Sends a scene to the generator with the few things that a scene does not say: how large, how often,
// by which endpoints. However often it is pressed, one submission makes one job.
import { byId, setText } from './dom.js';
import { EndpointChoice } from './endpoint-choice.js';
import { FieldErrors } from './field-errors.js';
import { applyLimits } from './form-limits.js';
import { isTooLong, most, seed, whole } from './form-values.js';
import { JobCard } from './job-card.js';
import { loadLimits, pixels } from './limits.js';
import { isBlank, sceneText } from './scene-model.js';
import { Submission } from './submission.js';

export class SceneSend {
  // read() gives {scene} or {fault}.
  constructor(read) {
    this.read = read;
    this.form = byId('form');
    this.button = byId('submit');
    this.errors = new FieldErrors(this.form, byId('form-error'));
    this.submission = new Submission();
    this.busy = false;
    this.endpoints = new EndpointChoice(this.form, { onChange: () => {} });
    this.form.addEventListener('change', () => this.arrange());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    loadLimits().then((limits) => {
      if (!limits) return;
      applyLimits(this.form, limits);
      this.form.elements.size.value = limits.default_size;
      this.form.elements.orientation.value = limits.default_orientation;
      this.arrange();
    });
  }

  arrange() {
    const [width, height] = pixels(this.form.elements.size.value, this.form.elements.orientation.value);
    setText(byId('pixels'), width > 3 ? `${width} × ${height} pixels` : '');
  }

  request() {
    const { scene, fault } = this.read();
    const fields = this.form.elements;
    const faults = [];
    const tell = (field, message) => faults.push({ field, message });
    const body = { prompt: scene ? sceneText(scene) : '', random: false };
    if (!scene) tell('scene', fault);
    else if (isBlank(scene)) tell('scene', 'Nothing is said yet: fill in at least one field.');
    else if (isTooLong(body.prompt)) tell('scene', `With ${body.prompt.length.toLocaleString('en')} characters it is too long; at most ${most().toLocaleString('en')} are accepted.`);
    body.size = fields.size.value;
    body.orientation = fields.orientation.value;
    whole(fields.count, 'count', body, tell);
    seed(fields.seed.value.trim(), body, tell);
    body.endpoints = this.endpoints.value;
    if (Array.isArray(body.endpoints) && body.endpoints.length === 0) tell('endpoints', 'Choose at least one endpoint.');
    return { body, faults };
  }

  async submit() {
    if (this.busy) return;
    const { body, faults } = this.request();
    this.errors.clear();
    if (faults.length > 0) {
      this.errors.show(faults);
      return;
    }
    this.setBusy(true, 'Sending…');
    try {
      const receipt = await this.submission.send(JSON.stringify(body), () => this.setBusy(true, 'No answer, trying again…'));
      JobCard.add(byId('sent'), receipt.job_id);
    } catch (error) {
      const trace = error.correlationId ? ` (${error.correlationId})` : '';
      if (error.fields?.length > 0) this.errors.show(error.fields);
      else this.errors.say(`${error.message}${trace}`);
    } finally {
      this.setBusy(false, 'Send to the generator');
    }
  }

  setBusy(busy, label) {
    this.busy = busy;
    this.button.disabled = busy;
    this.button.setAttribute('aria-busy', String(busy));
    setText(byId('submit-label'), label);
  }
}
