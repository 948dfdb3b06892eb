// The pictures of the jobs on the page: their large view, stars and the trash, by this page or another.
import * as api from './api.js';
import { announce } from './announce.js';
import { itemsOf } from './job-items.js';
import { pictures } from './job-model.js';
import { Lightbox } from './lightbox.js';
import { Toast } from './toast.js';

const kMostOfJob = 1000;
const kMostInTrash = 500;

export class JobPictures {
  // `onReuse(item)`; `onChange(job)` after something was done to a picture of it.
  constructor({ onReuse, onChange }) {
    this.onChange = onChange;
    this.jobs = [];
    this.trashed = new Map();  // the latest, by file name
    this.toast = new Toast();
    this.lightbox = new Lightbox({ onReuse, onStar: (item) => this.star(item), onTrash: (item) => this.moveTrash(item) });
  }

  // A job's pictures large, from the one of that name on.
  async open(job, filename) {
    const items = itemsOf(job);
    const index = items.findIndex((item) => item.filename === filename);
    if (index < 0) return;
    this.lightbox.open(items, index);
    // A status does not tell of stars.
    const page = await api.gallery({ jobId: job.id, limit: kMostOfJob }).catch(() => null);
    for (const { filename: name, starred } of page?.images ?? []) this.mark(name, { starred });
  }

  // What lies in the trash: a status lists it with the others.
  async lookIntoTrash() {
    const told = new Map();  // by events while the list is on its way, which may be older
    this.told = told;
    const { images, next } = await api.gallery({ trashed: true, limit: kMostInTrash });
    if (this.told !== told) return;  // A later list is on its way.
    this.trashed = new Map(images.map(({ filename, trashed_at, starred }) => [filename, { trashed_at, starred }]));
    for (const [filename, at] of told) this.noteTrash(filename, at);
    // The list begins with the newest picture; of what is older than its end it says nothing.
    const end = next === '' ? -Infinity : images.at(-1).mtime;
    const changed = new Map();
    for (const job of this.jobs) {
      for (const { image: { filename, trashed_at: at } } of pictures(job)) {
        const marks = this.trashed.get(filename);
        if (marks && !at) changed.set(filename, marks);
        else if (!marks && at && job.createdAt > end) changed.set(filename, { trashed_at: null });
      }
    }
    for (const [filename, marks] of changed) this.mark(filename, marks);
  }

  noteTrash(filename, at) {
    if (at) this.trashed.set(filename, { trashed_at: at });
    else this.trashed.delete(filename);
    if (this.trashed.size > kMostInTrash) this.trashed.delete(this.trashed.keys().next().value);
  }

  // To be called with every status.
  apply(job) {
    for (const { image } of pictures(job)) {
      Object.assign(image, this.trashed.get(image.filename));
    }
  }

  // An event that tells what was done to a picture.
  onImage({ filename, starred, trashed, removed, time }) {
    if (typeof starred === 'boolean') this.mark(filename, { starred });
    if (typeof trashed === 'boolean') this.mark(filename, { trashed_at: trashed ? time : null });
    if (removed) this.mark(filename, { removed: true });
  }

  mark(filename, marks) {
    if ('trashed_at' in marks) {
      this.noteTrash(filename, marks.trashed_at);
      this.told?.set(filename, marks.trashed_at);
    }
    for (const job of this.jobs) {
      for (const { image } of pictures(job)) {
        if (image.filename !== filename) continue;
        Object.assign(image, marks);
        this.onChange(job);
      }
    }
    const item = this.lightbox.items.find((one) => one.filename === filename);
    if (item) this.lightbox.changed(Object.assign(item, marks));
  }

  async star(item) {
    const starred = !item.starred;
    await this.attempt(async () => {
      await api.setStar(item.filename, starred);
      this.mark(item.filename, { starred });
    });
  }

  async moveTrash(item) {
    const { filename } = item;
    if (item.trashed_at) return this.restore(filename);
    return this.attempt(async () => {
      const { trashed_at: at } = await api.trash(filename);
      this.mark(filename, { trashed_at: at });
      this.toast.show('The picture is in the trash.', { label: 'Undo', run: () => this.restore(filename) });
    });
  }

  restore(filename) {
    return this.attempt(async () => {
      await api.restore(filename);
      this.mark(filename, { trashed_at: null });
      announce('The picture is restored');
    });
  }

  async attempt(run) {
    try {
      await run();
    } catch (error) {
      this.toast.show(error.message);
    }
  }
}
