// All jobs that the page shows: read from the host, followed live, drawn at most once per frame.
import * as api from './api.js';
import { announce } from './announce.js';
import { byId } from './dom.js';
import { plural } from './format.js';
import { applyEvent, applyStatus, createJob, isFinal, tally } from './job-model.js';
import { JobView } from './job-view.js';
import { Explainer } from './job-why.js';

const kMostShown = 30;
const kOpenAtFirst = 3;
const kMostPending = 100;  // what the host lists
const kSoonMs = 300;
const kRereadMs = 1500;  // at most one unasked re-reading in this time

export class Jobs {
  // `onQueue(running, pending, waiting)`; `reuse(request, id)`; `pictures`: JobPictures; `onFault(message)`.
  constructor({ pictures, reuse, onQueue, onFault }) {
    this.list = byId('jobs');
    this.empty = byId('jobs-empty');
    this.onQueue = onQueue;
    this.onFault = onFault;
    this.pictures = pictures;
    this.jobs = new Map();
    this.views = new Map();
    this.own = new Set();
    this.pending = [];
    this.waiting = 0;
    this.dirty = new Set();
    this.drawing = false;
    this.clockAhead = 0;  // the host's clock against ours, in seconds
    this.lastRead = -Infinity;
    this.actions = {
      cancel: (id) => this.cancel(id),
      retry: (id) => this.retry(id),
      prioritise: (id, priority) => this.prioritise(id, priority),
      reuse,
      open: (id, filename) => this.pictures.open(this.jobs.get(id), filename),
    };
    this.explainer = new Explainer((id, why) => this.showWhy(id, why));
    setInterval(() => this.tick(), 1000);
  }

  // A job that was just accepted from this page.
  async submitted(receipt) {
    this.own.add(receipt.job_id);
    announce(`The job is accepted, position ${receipt.queue_position}`);
    await this.read(receipt.job_id);
    const view = this.views.get(receipt.job_id);
    if (view && matchMedia('(max-width: 60rem)').matches) view.element.scrollIntoView({ block: 'start' });
  }

  async read(id) {
    try {
      this.apply(await api.status(id));
    } catch (error) {
      if (error.code === 'JOB_NOT_FOUND') this.forget(id);
    }
    this.touch(id);
    this.draw();
  }

  apply(status) {
    const job = this.jobOf(status.job_id);
    const before = job.status;
    applyStatus(job, status);
    this.pictures.apply(job);
    if (before !== job.status) this.statusChanged(job);
    this.touch(job.id);
  }

  // Everything anew. After a reset nothing known before can be trusted.
  async resync(why) {
    clearTimeout(this.rereading);
    this.rereading = null;
    this.lastRead = performance.now();
    // Between two openings of the stream, events tell what becomes of pictures.
    const trash = ['open', 'reset'].includes(why) ? this.pictures.lookIntoTrash().catch(() => {}) : null;
    const queue = await api.queue();
    await trash;
    if (why === 'reset') for (const id of [...this.jobs.keys()]) this.forget(id);
    const seen = new Set();
    const first = this.jobs.size === 0;
    for (const status of [...queue.completed, ...queue.pending, ...queue.running]) {
      seen.add(status.job_id);
      this.apply(status);
    }
    this.pending = queue.pending.map((status) => status.job_id);
    this.waiting = Math.max(queue.queue_size, this.pending.length);
    const missed = [...this.jobs.values()].filter((job) => !seen.has(job.id) && !isFinal(job.status));
    if (first) this.openedAtFirst();
    this.touchQueue();
    for (const job of missed.slice(0, kMostShown)) await this.read(job.id);
  }

  openedAtFirst() {
    this.openIds = new Set(this.newest().filter((job) => isFinal(job.status)).slice(0, kOpenAtFirst).map((job) => job.id));
  }

  onEvent(type, data) {
    if (typeof data.time === 'number') this.clockAhead = data.time - Date.now() / 1000;
    if (type === 'queue') {
      this.waiting = data.queue_size;
      this.touchQueue();
      if (Math.min(this.waiting, kMostPending) !== this.pending.length) this.rereadSoon();
      return;
    }
    if (type === 'image' && data.success === undefined) return this.pictures.onImage(data);
    const job = this.jobs.get(data.job_id);
    if (!job?.known) this.rereadSoon();
    if (!job) return;
    const before = job.status;
    const { priority } = job;
    applyEvent(job, type, data);
    if (job.priority !== priority) this.rereadSoon();
    if (type === 'job' && before !== job.status) {
      this.statusChanged(job);
      // The guidance drawn for each run and the like stand in the status only.
      if (isFinal(job.status)) this.read(job.id);
    }
    if (type === 'image' && this.own.has(job.id)) announceImage(data);
    this.touch(job.id);
  }

  statusChanged(job) {
    if (job.status !== 'queued') {
      const before = this.pending.length;
      this.pending = this.pending.filter((id) => id !== job.id);
      this.waiting -= before - this.pending.length;
      for (const id of this.pending) this.touch(id);
    }
    this.touchQueue();
    if (this.own.has(job.id) && job.status !== 'queued') announceJob(job);
  }

  rereadSoon() {
    if (this.rereading) return;
    const wait = Math.max(kSoonMs, this.lastRead + kRereadMs - performance.now());
    this.rereading = setTimeout(() => this.resync('missing').catch(() => {}), wait);
  }

  async cancel(id) {
    try {
      await api.cancel(id);
      await this.read(id);
    } catch (error) {
      this.onFault(`Cancelling failed: ${error.message}`);
      this.read(id);
    }
  }

  // The answer may come after the events that follow from it.
  async retry(id) {
    const job = this.jobOf(id);
    if (!isFinal(job.status)) return;
    job.awaited = true;
    this.own.add(id);
    try {
      const { retried } = await api.retry(id);
      announce(`${plural(retried, 'picture')} will be drawn again`);
    } catch (error) {
      this.onFault(`The retry failed: ${error.message}`);
    }
    await this.read(id);
    job.awaited = false;
  }

  async prioritise(id, priority) {
    try {
      await api.setPriority(id, priority);
      await this.read(id);
    } catch (error) {
      this.onFault(`Changing the priority failed: ${error.message}`);
    }
    this.rereadSoon();
  }

  async clear() {
    try {
      const { cleared } = await api.clearQueue();
      announce(`${plural(cleared, 'waiting job')} cancelled`);
      await this.resync('cleared');
    } catch (error) {
      this.onFault(`Clearing the queue failed: ${error.message}`);
    }
  }

  jobOf(id) {
    let job = this.jobs.get(id);
    if (!job) {
      job = createJob(id);
      this.jobs.set(id, job);
      this.pictures.jobs = [...this.jobs.values()];
    }
    return job;
  }

  forget(id) {
    this.jobs.delete(id);
    this.pictures.jobs = [...this.jobs.values()];
    this.views.get(id)?.remove();
    this.views.delete(id);
    this.pending = this.pending.filter((other) => other !== id);
  }

  newest() {
    return [...this.jobs.values()].sort((a, b) => (b.createdAt ?? Infinity) - (a.createdAt ?? Infinity));
  }

  touch(id) {
    this.dirty.add(id);
    this.drawSoon();
  }
  touchQueue() {
    this.queueDirty = true;
    this.drawSoon();
  }
  drawSoon() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.drawing = false;
    const newest = this.newest();
    // Open jobs stay; the oldest finished ones go when there are too many.
    let room = kMostShown;
    const shown = newest.filter((job) => job.known && (job.status === 'running' || room-- > 0));
    const keep = new Set(shown.map((job) => job.id));
    for (const job of newest) if (!keep.has(job.id)) this.hide(job);
    shown.forEach((job, index) => this.drawJob(job, index));
    this.dirty.clear();
    this.empty.hidden = shown.length > 0;
    if (this.queueDirty) this.drawQueue();
  }

  hide(job) {
    if (isFinal(job.status)) return this.forget(job.id);
    this.views.get(job.id)?.remove();
    return this.views.delete(job.id);
  }

  drawJob(job, index) {
    let view = this.views.get(job.id);
    if (!view) {
      const open = !isFinal(job.status) || this.own.has(job.id) || (this.openIds?.has(job.id) ?? false);
      view = new JobView(job, this.actions, { open });
      this.views.set(job.id, view);
      this.dirty.add(job.id);
    }
    if (this.list.children[index] !== view.element) this.list.insertBefore(view.element, this.list.children[index] ?? null);
    if (!this.dirty.has(job.id)) return;
    job.now = this.now();
    view.update(job, this.pending.indexOf(job.id) + 1);
  }

  drawQueue() {
    this.queueDirty = false;
    const running = this.newest().filter((job) => job.status === 'running').reverse();
    const pending = this.pending.map((id) => this.jobs.get(id)).filter((job) => job?.status === 'queued');
    this.onQueue(running, pending, Math.max(this.waiting, pending.length));
  }

  now() {
    return Date.now() / 1000 + this.clockAhead;
  }

  showWhy(id, why) {
    if (!isFinal(this.jobs.get(id)?.status)) this.views.get(id)?.showWhy(why);
  }

  tick() {
    if (document.hidden) return;
    for (const [id, view] of this.views) {
      if (this.jobs.get(id)?.status === 'running') view.tick(this.now());
    }
    const open = this.newest().filter((job) => this.views.has(job.id) && !isFinal(job.status));
    const [seen, unseen] = [true, false].map((wanted) => open.filter((job) => this.views.get(job.id).seen === wanted));
    this.explainer.look([...seen, ...unseen].map((job) => job.id));
  }
}

function announceImage(data) {
  const from = data.endpoint?.name ?? 'an endpoint';
  announce(data.success ? `Run ${data.run}: picture from ${from}` : `Run ${data.run}: ${from} failed`);
}

function announceJob(job) {
  const { done, failed } = tally(job);
  const counts = isFinal(job.status) ? `, ${plural(done, 'picture')}${failed ? `, ${failed} failed` : ''}` : '';
  announce(`Job ${job.status}${counts}`);
}
