// Why an open job is not finished yet, and when it will be: a line on its card. The host is asked every few
// seconds, about the few jobs that stand first on the page.
import * as api from './api.js';
import { duration } from './format.js';

const kEveryMs = 2000;
const kMostAsked = 6;

export function whyText(why) {
  const parts = [why.summary];
  if (why.eta) parts.push(why.eta.seconds < 1 ? 'Done any moment.' : `Done in about ${duration(why.eta.seconds)}.`);
  return parts.filter(Boolean).join(' ');
}

export class Explainer {
  // `show(id, text)`.
  constructor(show) {
    this.show = show;
    this.asking = false;
    this.last = -Infinity;
  }

  // To be called often; `ids` of open jobs, the most visible first.
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
    try {
      this.show(id, whyText(await api.why(id)));
    } catch {
      // It says nothing rather than something old.
      this.show(id, '');
    }
  }
}
