// One job as a card: what was asked for, how it stands, and its runs as rows with the endpoints side
// by side.
import { el, setText } from './dom.js';
import { duration, moment, plural, promptTitle } from './format.js';
import { columnsOf, isFinal, peekRun, tally } from './job-model.js';
import { troubles, WhyView } from './job-why.js';
import { leftOutText } from './left-out.js';
import { isExactSize, pixels, sizeName } from './limits.js';
import { PriorityControl } from './priority-control.js';
import { RunView } from './run-view.js';

const kRowsAhead = 4;  // room is kept for this many runs before they begin

const kWords = {
  queued: 'waiting', running: 'running', completed: 'completed', failed: 'failed', cancelled: 'cancelled',
};

export class JobView {
  // `actions`: cancel(id), retry(id), prioritise(id, priority), reuse(request, id), open(id, filename).
  constructor(job, actions, { open }) {
    this.id = job.id;
    this.actions = actions;
    this.open = open;
    this.runs = new Map();
    this.columns = null;
    this.notes = new Map();  // of the columns
    this.build();
  }

  build() {
    this.badge = el('span', { class: 'badge' });
    this.title = el('h3', { class: 'job-title' });
    this.facts = el('p', { class: 'job-facts' });
    this.time = el('span', { class: 'job-time' });
    this.error = el('p', { class: 'job-error', hidden: true });
    this.why = new WhyView();
    this.waits = new Map();  // endpoint -> what is wrong there
    this.leftOut = el('p', { class: 'job-left-out', hidden: true });
    this.cancel = button('Cancel', () => this.actions.cancel(this.id));
    this.retry = button('Retry', () => this.actions.retry(this.id));
    this.retry.title = 'Draw again what failed';
    this.priority = new PriorityControl((priority) => this.actions.prioritise(this.id, priority));
    this.reuse = button('Use again', () => this.actions.reuse(this.request, this.id));
    this.toggle = button('Hide', () => {
      this.open = !this.open;
      this.update(this.job, this.position);
    });
    this.toggle.setAttribute('aria-controls', `body-${this.id}`);
    this.body = el('div', { class: 'job-body', id: `body-${this.id}` });
    this.element = el('article', { class: 'job', data: { job: this.id } },
      el('header', { class: 'job-head' },
        el('p', { class: 'job-state' }, this.badge, this.time, this.priority.element),
        el('div', { class: 'buttons' }, this.retry, this.cancel, this.reuse, this.toggle),
        this.title, this.facts, this.leftOut, this.why.element, this.error),
      this.body);
  }

  update(job, position) {
    this.job = job;
    this.position = position;
    this.request = job.request;
    this.element.dataset.status = job.status;
    setText(this.badge, kWords[job.status] ?? job.status);
    this.showHead(job);
    this.tick(job.now);
    const shown = this.open && job.known && job.status !== 'queued';
    this.body.hidden = !shown;
    this.toggle.hidden = job.status === 'queued' || job.status === 'running';
    setText(this.toggle, this.open ? 'Hide' : 'Show');
    this.toggle.setAttribute('aria-expanded', String(this.open));
    if (shown) this.showRuns(job);
  }

  showHead(job) {
    const { request } = job;
    const concept = promptTitle(request.prompt);
    const free = request.random && concept === '';
    setText(this.title, free ? 'Whatever the language model thinks of' : concept || `Job ${job.id}`);
    this.title.classList.toggle('free', free);
    setText(this.facts, factsOf(job));
    const leftOut = leftOutText(job.leftOut);
    this.leftOut.hidden = leftOut === '';
    setText(this.leftOut, leftOut);
    this.error.hidden = !job.error;
    setText(this.error, job.error ?? '');
    if (isFinal(job.status)) this.showWhy(null);
    this.cancel.hidden = isFinal(job.status);
    this.retry.hidden = !isFinal(job.status) || (job.status !== 'failed' && tally(job).failed === 0);
    this.priority.update(job, this.title.textContent);
    this.reuse.hidden = !job.known;
  }

  // What it waits for, or null; see job-why.js.
  showWhy(why) {
    this.why.show(why);
    this.waits = why ? troubles(why) : new Map();
    for (const [name, note] of this.notes) setText(note, this.waits.get(name) ?? '');
    if (!why?.position || this.job.status !== 'queued') return;
    this.position = why.position;
    this.tick(this.job.now);
  }

  // Called every second too: `now` is the host's time.
  tick(now) {
    const { job } = this;
    if (job.status === 'queued') {
      setText(this.time, this.position > 0 ? `position ${this.position}` : '');
    } else if (!isFinal(job.status)) {
      setText(this.time, job.startedAt && now ? duration(now - job.startedAt) : '');
    } else {
      const took = job.startedAt ? ` · took ${duration(job.completedAt - job.startedAt)}` : '';
      setText(this.time, `${moment(job.completedAt)}${took}`);
    }
  }

  showRuns(job) {
    this.prepareTable(job);
    const begun = Math.max(0, ...job.runs.keys());
    const ahead = isFinal(job.status) ? begun : Math.max(begun + 1, kRowsAhead);
    const last = Math.min(job.count, Math.max(ahead, 1));
    for (let number = 1; number <= last; ++number) {
      let view = this.runs.get(number);
      if (!view) {
        view = new RunView(job, number, (filename) => this.actions.open(this.id, filename));
        this.runs.set(number, view);
        this.table.append(view.element);
      }
      view.update(job, peekRun(job, number));
    }
    const rest = job.count - last;
    this.rest.hidden = rest === 0;
    setText(this.rest, isFinal(job.status) ? `${plural(rest, 'run')} not begun` : `${plural(rest, 'more run')} waiting`);
  }

  prepareTable(job) {
    const columns = columnsOf(job);
    const key = JSON.stringify(columns);
    if (this.columns === key) return;
    this.columns = key;
    for (const view of this.runs.values()) view.stop();
    this.runs.clear();
    this.rest = el('p', { class: 'job-rest', hidden: true });
    this.table = el('div', { class: job.any ? 'runs flow' : 'runs', role: 'table', 'aria-label': 'Pictures by run and endpoint' });
    if (!job.any) {
      this.notes = new Map(columns.map((name) => [name, el('span', { class: 'column-note', text: this.waits.get(name) ?? '' })]));
      this.table.append(el('div', { class: 'columns', role: 'row' },
        ...columns.map((name) => el('span', { role: 'columnheader', class: 'column', text: name }, this.notes.get(name)))));
    }
    const [width, height] = pixels(job.request.size, job.request.orientation);
    this.table.style.setProperty('--columns', String(columns.length));
    this.table.style.setProperty('--ratio', `${width} / ${height}`);
    this.body.replaceChildren(
      el('div', { class: 'scroller', tabindex: columns.length > 2 ? '0' : null, role: 'group', 'aria-label': 'Pictures by run and endpoint' }, this.table), this.rest);
  }

  get seen() {
    const { top, bottom } = this.element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  }

  remove() {
    for (const view of this.runs.values()) view.stop();
    this.element.remove();
  }
}

function factsOf(job) {
  if (!job.known) return '';
  const { request } = job;
  const parts = [plural(job.count, 'run')];
  parts.push(job.any ? 'any free endpoint' : plural(job.columns.length, 'endpoint'));
  const size = sizeName(request.size);
  parts.push(isExactSize(request.size) ? size : `${size} ${request.orientation}`, !request.steps_by_default && plural(request.steps, 'step'));
  if (request.image_mime) parts.push('from a picture');
  const { done, failed, wanted } = tally(job);
  if (job.status !== 'queued') parts.push(`${done} of ${plural(wanted, 'picture')}`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.filter(Boolean).join(' · ');
}

function button(text, click) {
  return el('button', { type: 'button', class: 'quiet', text, on: { click } });
}
