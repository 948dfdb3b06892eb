// Why an open job is not finished yet, and when it will be: lines on its card. The host is asked every few
// seconds, about the few jobs that somebody looks at.
import * as api from './api.js';
import { el, setText } from './dom.js';
import { plural, roughly } from './format.js';

const kEveryMs = 2000;
const kMostAsked = 6;
const kMostNamed = 4;

// When it will be done and from what that is known, or why that cannot be told.
export function etaText({ summary, eta, eta_reason: reason }) {
  if (eta) {
    const basis = basisText(eta.basis ?? []);
    // Where nothing was learned yet, the progress of what is being drawn is all there is to go by.
    if (basis === '' && eta.seconds < 1) return 'No estimate: there is no earlier picture to go by.';
    return `${eta.seconds < 1 ? 'Done any moment' : `Done in about ${roughly(eta.seconds)}`} (from ${basis || 'its progress'}).`;
  }
  return reason && reason !== summary ? `No estimate: ${reason}` : '';
}

// "the last 9 pictures of Comfy box, 12 of Forge and the last 5 prompts of the language model"
function basisText(basis) {
  const [pictures, prompts] = [basis.filter((one) => one.endpoint !== null), basis.filter((one) => one.endpoint === null)];
  const named = pictures.slice(0, kMostNamed).map(({ endpoint, samples }, index) => (
    index === 0 ? `the last ${samples === 1 ? 'picture' : plural(samples, 'picture')} of ${endpoint}` : `${samples} of ${endpoint}`));
  const rest = pictures.length - named.length;
  if (rest > 0) named.push(`those of ${plural(rest, 'more endpoint')}`);
  for (const { samples } of prompts) {
    named.push(`the last ${samples === 1 ? 'prompt' : plural(samples, 'prompt')} of the language model`);
  }
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named.join('');
}

// Reasons that the summary does not name.
function furtherReasons({ summary, waits_for: reasons = [], waits_for_truncated: truncated }) {
  const messages = [...new Set(reasons.map(({ message }) => message))].filter((message) => !summary.includes(message));
  return truncated ? [...messages, 'And more.'] : messages;
}

// What a column of the job's table waits for, in a word or two: of what is out of the ordinary only.
const kTroubles = {
  circuit_open: 'not available', probing: 'not available', retry: 'failed, tried again soon', backend_busy: 'busy otherwise',
  gpu: 'waits for the GPU',
};

export function troubles({ waits_for: reasons = [] }) {
  return new Map(reasons.filter(({ endpoint, reason }) => endpoint && kTroubles[reason])
    .map(({ endpoint, reason }) => [endpoint, kTroubles[reason]]));
}

export class WhyView {
  constructor() {
    this.summary = el('p');
    this.eta = el('p', { class: 'job-eta' });
    this.count = el('summary');
    this.list = el('ul');
    this.more = el('details', {}, this.count, this.list);
    this.element = el('div', { class: 'job-why', hidden: true }, this.summary, this.more, this.eta);
  }

  // null: nothing is known.
  show(why) {
    this.element.hidden = !why;
    if (!why) return;
    const further = furtherReasons(why);
    setText(this.summary, why.summary);
    setText(this.eta, etaText(why));
    this.more.hidden = further.length === 0;
    setText(this.count, plural(further.length, 'more reason'));
    const same = further.length === this.list.children.length
      && further.every((text, index) => this.list.children[index].textContent === text);
    if (!same) this.list.replaceChildren(...further.map((text) => el('li', { text })));
  }
}

export class Explainer {
  // `show(id, why)`; `why` is null when the host does not tell: nothing is said rather than something old.
  constructor(show) {
    this.show = show;
    this.asking = false;
    this.last = -Infinity;
  }

  // To be called often; `ids` of open jobs, those first that are seen.
  async look(ids) {
    if (this.asking || ids.length === 0 || performance.now() - this.last < kEveryMs) return;
    this.asking = true;
    try {
      await Promise.all(ids.slice(0, kMostAsked).map((id) => this.ask(id)));
    } finally {
      this.asking = false;
      this.last = performance.now();
    }
  }

  async ask(id) {
    this.show(id, await api.why(id).catch(() => null));
  }
}
