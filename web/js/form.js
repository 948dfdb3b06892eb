// The submit form: shows what belongs together, sends once, puts faults next to their fields.
import { usualSteps } from './abilities.js';
import { byId, setText } from './dom.js';
import { earlierPictures, hadPictures } from './earlier-pictures.js';
import { EndpointChoice } from './endpoint-choice.js';
import { FieldErrors } from './field-errors.js';
import { applyLimits } from './form-limits.js';
import { fillForm, readForm } from './form-values.js';
import { isExactSize, limits, loadLimits, pixels } from './limits.js';
import { MorePictures } from './more-pictures.js';
import { PictureInput } from './picture-input.js';
import { Submission } from './submission.js';

export class SubmitForm {
  // onAccepted(receipt) may return a promise.
  constructor({ onAccepted }) {
    this.onAccepted = onAccepted;
    this.form = byId('form');
    this.fields = this.form.elements;
    this.button = byId('submit');
    this.errors = new FieldErrors(this.form, byId('form-error'));
    this.submission = new Submission();
    this.sending = '';  // what the button says meanwhile; "" when nothing is sent,
    this.fetching = '';  // or no pictures are on their way
    this.filling = new AbortController();  // ended by the next fill()
    this.picture = new PictureInput({
      onFault: (message) => (message ? this.errors.show([{ field: 'image', message }]) : this.errors.clearOne('image')),
      onChange: () => this.arrange(),
    });
    this.more = new MorePictures({
      onFault: (message) => (message ? this.errors.show([{ field: 'images', message }]) : this.errors.clearOne('images')),
      onChange: () => this.arrange(),
    });
    this.endpoints = new EndpointChoice(this.form, { onChange: () => this.arrange() });
    this.form.addEventListener('change', () => this.arrange());
    this.fields.strength.addEventListener('input', () => this.arrange());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      this.submit();
    });
    // The browser may bring back what was typed before a reload.
    window.addEventListener('pageshow', () => this.arrange());
    this.arrange();
    loadLimits().then((known) => {
      if (!known) return;
      applyLimits(this.form, known);
      this.picture.accept(known.image);
      this.more.accept(known.image);
      this.arrange();
    });
  }

  // Shows the fields that matter for what is chosen.
  arrange() {
    const { fields } = this;
    const random = fields.random.checked;
    setText(byId('prompt-label'), random ? 'Concept' : 'Prompt');
    fields.prompt.placeholder = random ? 'A direction for the language model; may stay empty' : 'What should the picture show?';
    this.form.querySelector('[data-field="orientation"]').disabled = isExactSize(fields.size.value);
    const [width, height] = pixels(fields.size.value, fields.orientation.value);
    setText(byId('pixels'), width > 3 ? `${width} × ${height} pixels` : '');
    byId('guidance-number').hidden = fields.guidance.value !== 'fixed';
    const different = fields.prompt_mode.value === 'different';
    byId('prompt2-field').hidden = !different || random;
    byId('strength-field').hidden = !this.picture.file;
    setText(byId('strength-value'), Number(fields.strength.value).toFixed(2));
    this.endpoints?.judge({
      start: Boolean(this.picture.file),
      roles: this.more.roles,
      steps: numberOf(fields.steps),
      guidance: fields.guidance.value === 'fixed' ? numberOf(fields.guidance_scale) : null,
    });
    if (limits() && this.endpoints) fields.steps.placeholder = usualSteps(this.endpoints.capabilities, limits().steps.default);
  }

  // Values under the names of a request, as in a job's `request`; its pictures come from the host, which keeps
  // those of `jobId`.
  async fill(values, jobId) {
    this.filling.abort();
    this.filling = new AbortController();
    const { signal } = this.filling;
    const unfinished = this.fetching !== '';
    this.showBusy({ fetching: '' });
    this.errors.clear();
    fillForm(this.form, values);
    if (values.target === 'list') this.endpoints.choose(values.endpoints ?? []);
    else if (values.target) this.fields.target.value = values.target;
    this.endpoints.show();
    this.arrange();
    this.fields.prompt.focus();
    this.form.scrollIntoView({ block: 'start' });
    // Where nothing more is known than words, the pictures of the form stay, unless they are half of another job's.
    if (values.size === undefined && !unfinished) return;
    this.picture.clear();
    this.more.clear();
    if (values.size !== undefined && hadPictures(values)) await this.bringPictures(jobId, signal);
  }

  // Another fill() may begin in every wait; what was fetched for this one is then nobody's.
  async bringPictures(jobId, signal) {
    this.showBusy({ fetching: 'Fetching its pictures…' });
    const { pictures, missing } = await earlierPictures(jobId, signal);
    for (const { role, file } of pictures) {
      if (signal.aborted) return;
      if (role === 'start') await this.picture.take(file);
      else await this.more.take(file, role);
    }
    if (signal.aborted) return;
    this.showBusy({ fetching: '' });
    if (missing !== '') this.errors.show([{ field: 'image', message: missing }]);
  }

  async submit() {
    if (this.busy) return;
    const { body, faults } = readForm(this.form, this.endpoints.value);
    if (faults.length > 0) {
      this.errors.show(faults);
      return;
    }
    this.showBusy({ sending: 'Sending…' });
    this.errors.clear();
    try {
      const strength = Number(this.fields.strength.value);
      // Both at once: the form may be filled anew meanwhile.
      const [image, images] = await Promise.all([this.picture.read(), this.more.read()]);
      if (image) Object.assign(body, { image, strength });
      if (images.length > 0) body.images = images;
      const receipt = await this.submission.send(JSON.stringify(body), () => this.showBusy({ sending: 'No answer, trying again…' }));
      await this.onAccepted(receipt);
    } catch (error) {
      this.refused(error);
    } finally {
      this.showBusy({ sending: '' });
    }
  }

  refused(error) {
    if (error.code === 'VALIDATION_ERROR' && error.fields?.length > 0) return this.errors.show(error.fields.map(placed));
    if (['IMAGE_TOO_LARGE', 'INVALID_IMAGE_FORMAT'].includes(error.code)) {
      return this.errors.show([{ field: 'image', message: error.message }]);
    }
    const trace = error.correlationId ? ` (${error.correlationId})` : '';
    return this.errors.say(`${error.message}${trace}`);
  }

  get busy() {
    return this.sending !== '' || this.fetching !== '';
  }

  showBusy(change) {
    Object.assign(this, change);
    this.button.disabled = this.busy;
    this.button.setAttribute('aria-busy', String(this.busy));
    setText(byId('submit-label'), this.sending || this.fetching || 'Create');
  }
}

const numberOf = (input) => (input.value.trim() === '' ? null : Number(input.value));

// Faults of the pictures beside the start picture stand beside their list.
function placed({ field, message }) {
  if (!/^(images.*|mask|reference|control)$/.test(field)) return { field, message };
  return { field: 'images', message: field === 'images' ? message : `${field} ${message}` };
}
