// One job that this page has sent: its state and its pictures, asked for until it has ended.
import * as api from './api.js';
import { announce } from './announce.js';
import { el, setText } from './dom.js';
import { plural } from './format.js';
import { applyStatus, createJob, isFinal, pictures, tally } from './job-model.js';
import { leftOutText } from './left-out.js';
import { services } from './nav.js';
import { smallPicture } from './small-picture.js';

const kPollMs = 700;
const kRetryMs = 3000;
const kMostCards = 5;

export class JobCard {
  constructor(id) {
    this.job = createJob(id);
    this.shown = new Set();
    this.state = el('span', { class: 'badge', text: 'queued' });
    this.note = el('p', { class: 'hint' });
    this.thumbs = el('ul', { class: 'thumbs' });
    this.link = el('a', { class: 'generator-link', hidden: true, text: 'Open the generator' });
    this.element = el('article', { class: 'sent panel', data: { job: id, status: 'queued' }, 'aria-label': `Job ${id}` },
      el('p', { class: 'sent-head' }, el('strong', { text: `Job ${id}` }), this.state, this.link), this.note, this.thumbs);
    services().then((known) => {
      this.link.hidden = !known.dual_gen;
      if (known.dual_gen) this.link.href = `${known.dual_gen}/`;
    });
    this.poll();
  }

  // Above the earlier ones; the oldest make room.
  static add(place, id) {
    const card = new JobCard(id);
    place.prepend(card.element);
    while (place.children.length > kMostCards) place.lastElementChild.remove();
    announce(`Job ${id} is queued`);
  }

  async poll() {
    let pause = kPollMs;
    try {
      applyStatus(this.job, await api.status(this.job.id));
      this.show();
    } catch (error) {
      setText(this.note, error.message);
      if (error.status === 404) return;
      pause = kRetryMs;
    }
    if (isFinal(this.job.status)) announce(`Job ${this.job.id}: ${this.words()}`);
    else setTimeout(() => this.element.isConnected && this.poll(), pause);
  }

  words() {
    const { done, failed, wanted } = tally(this.job);
    const fault = failed > 0 ? `, ${failed} failed` : '';
    return isFinal(this.job.status) ? `${plural(done, 'picture')}${fault}` : `${done} of ${plural(wanted, 'picture')}${fault}`;
  }

  show() {
    this.element.dataset.status = this.job.status;
    setText(this.state, this.job.status);
    setText(this.note, [this.words(), this.job.error, leftOutText(this.job.leftOut)].filter(Boolean).join('. '));
    for (const { image } of pictures(this.job)) {
      if (this.shown.has(image.filename)) continue;
      this.shown.add(image.filename);
      const alt = `Picture by ${image.endpoint?.name ?? 'the generator'}`;
      this.thumbs.append(el('li', {}, el('a', { href: image.url, target: '_blank', rel: 'noopener' }, smallPicture(image, { alt, loading: 'eager' }))));
    }
  }
}
