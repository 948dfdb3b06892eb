// The host's queue in short: what runs, what waits, and how to stop it.
import { byId, el, setText } from './dom.js';
import { plural, promptTitle } from './format.js';
import { PriorityControl } from './priority-control.js';

const kSureMs = 5000;

export class QueuePanel {
  // `actions`: cancel(id), prioritise(id, priority), clear().
  constructor(actions) {
    this.actions = actions;
    this.summary = byId('queue-summary');
    this.list = byId('queue-list');
    this.more = byId('queue-more');
    this.clear = byId('queue-clear');
    this.rows = new Map();
    this.waiting = 0;
    this.clear.addEventListener('click', () => this.clearClicked());
  }

  // Jobs in scheduling order; `waiting` counts those too that are not listed.
  update(running, pending, waiting) {
    this.waiting = waiting;
    const idle = running.length === 0 && waiting === 0;
    setText(this.summary, idle ? 'Queue: nothing to do' : `Queue: ${running.length} running, ${waiting} waiting`);
    const jobs = [...running, ...pending];
    const rows = new Map(jobs.map((job) => [job.id, this.rows.get(job.id) ?? this.row(job)]));
    this.rows = rows;
    for (const job of jobs) this.fill(rows.get(job.id), job);
    const wanted = [...rows.values()].map((row) => row.element);
    const same = wanted.length === this.list.children.length
      && wanted.every((element, index) => element === this.list.children[index]);
    if (!same) this.list.replaceChildren(...wanted);
    const hidden = waiting - pending.length;
    this.more.hidden = hidden <= 0;
    setText(this.more, `and ${plural(Math.max(hidden, 0), 'more job')}`);
    this.clear.hidden = waiting === 0;
    if (!this.sure) setText(this.clear, 'Clear the queue');
  }

  row(job) {
    const state = el('span', { class: 'badge' });
    const title = el('span', { class: 'queue-title' });
    const cancel = el('button', {
      type: 'button', class: 'quiet', text: 'Cancel', on: { click: () => this.actions.cancel(job.id) },
    });
    const priority = new PriorityControl((value) => this.actions.prioritise(job.id, value));
    return { element: el('li', {}, state, title, priority.element, cancel), state, title, priority, cancel };
  }

  fill(row, job) {
    const title = promptTitle(job.request.prompt) || `Job ${job.id}`;
    setText(row.title, title);
    setText(row.state, job.status === 'running' ? 'running' : 'waiting');
    row.element.dataset.status = job.status;
    row.priority.update(job, title);
    row.cancel.setAttribute('aria-label', `Cancel: ${title.slice(0, 80)}`);
  }

  // Cleared jobs do not come back, so the button asks first.
  clearClicked() {
    if (this.sure) {
      clearTimeout(this.sure);
      this.sure = null;
      setText(this.clear, 'Clear the queue');
      this.actions.clear();
      return;
    }
    setText(this.clear, `Really cancel ${plural(this.waiting, 'waiting job')}?`);
    this.sure = setTimeout(() => {
      this.sure = null;
      setText(this.clear, 'Clear the queue');
    }, kSureMs);
  }
}
