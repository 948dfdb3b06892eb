// One picture to be: waiting, in the making with its preview, done, or failed with the reason.
import { el, setText } from './dom.js';
import { duration, plural } from './format.js';
import { isFinal } from './job-model.js';
import { Preview } from './preview.js';
import { smallPicture } from './small-picture.js';

const kPausesMs = [1000, 2000, 4000, 8000];  // between attempts to load a picture

export class CellView {
  // onOpen(filename) shows the picture large.
  constructor(jobId, column, onOpen) {
    this.jobId = jobId;
    this.column = column;
    this.onOpen = onOpen;
    this.shown = null;
    this.changes = -1;
    this.preview = null;
    this.frame = el('div', { class: 'frame' });
    this.caption = el('p', { class: 'caption' });
    this.element = el('div', { class: 'cell', role: 'cell' }, this.frame, this.caption);
  }

  // `cell` is undefined for what has not been begun.
  update(job, run, cell) {
    const state = stateOf(job, run, cell);
    const signature = `${state} ${cell?.endpoint} ${cell?.images.map(nameAndMarks)} ${cell?.error}`;
    if (signature !== this.shown) {
      this.shown = signature;
      this.stop();
      this.frame.dataset.state = state;
      delete this.frame.dataset.loaded;
      this.frame.replaceChildren(...this.build(state, run, cell));
      setText(this.caption, this.captionOf(job, cell));
    }
    if (state === 'generating') this.move(cell);
  }

  build(state, run, cell) {
    if (state === 'done') return this.pictures(run, cell);
    if (state === 'error') {
      return [el('p', { class: 'cell-error' }, el('strong', { text: 'Failed' }), el('span', { text: cell.error }))];
    }
    if (state === 'generating') {
      this.image = el('img', { class: 'preview', alt: '', hidden: true });
      this.bar = el('progress', { max: '1', 'aria-label': `Progress of ${cell.endpoint}, run ${run.number}` });
      this.percent = el('span', { class: 'percent', text: 'drawing' });
      this.preview = new Preview(this.image, this.jobId, cell.endpoint);
      return [this.image, el('div', { class: 'progress' }, this.bar, this.percent)];
    }
    const words = { writing: 'writing the prompt…', waiting: 'waiting', none: 'not drawn' };
    return [el('p', { class: 'cell-note', text: words[state] })];
  }

  pictures(run, cell) {
    const there = cell.images.filter((image) => !image.removed);
    if (there.length === 0) return [el('p', { class: 'cell-note', text: 'deleted' })];
    return there.slice(0, 1).map((image) => el('button', {
      type: 'button', class: image.trashed_at ? 'picture trashed' : 'picture', on: { click: () => this.onOpen(image.filename) },
      'aria-label': `Run ${run.number}, ${cell.endpoint}: show the picture large`,
    }, smallPicture(image, {
      alt: image.prompt_used ?? '', on: { load: () => { this.frame.dataset.loaded = ''; }, error: (event) => loadAgain(event.target) },
    }, { sharpen: !image.trashed_at }), there.length > 1 && el('span', { class: 'more', text: `+${there.length - 1}` }),
    image.trashed_at && el('span', { class: 'in-trash', text: 'in the trash' })));
  }

  captionOf(job, cell) {
    const [image] = cell?.images ?? [];
    const parts = [];
    if (job.any && cell?.endpoint) parts.push(cell.endpoint);
    if (Number.isInteger(image?.stats?.seed)) parts.push(`seed ${image.stats.seed}`);
    if (Number.isFinite(image?.duration)) parts.push(duration(image.duration));
    if (cell?.images.length > 1) parts.push(plural(cell.images.length, 'picture'));
    return parts.join(' · ');
  }

  move(cell) {
    if (cell.changes === this.changes) return;
    this.changes = cell.changes;
    if (cell.progress !== null) {
      this.bar.value = cell.progress;
      setText(this.percent, `${Math.round(cell.progress * 100)} %`);
    }
    if (cell.hasPreview) this.preview.poke();
  }

  stop() {
    this.preview?.stop();
    this.preview = null;
  }
}

const nameAndMarks = (image) => `${image.filename} ${Boolean(image.trashed_at)} ${Boolean(image.removed)}`;

// The host may have gone away just now, and come back.
function loadAgain(image) {
  const tried = Number(image.dataset.tried ?? 0);
  if (tried >= kPausesMs.length) return;
  image.dataset.tried = String(tried + 1);
  setTimeout(() => {
    if (image.naturalWidth === 0) image.src = image.getAttribute('src');
  }, kPausesMs[tried]);
}

function stateOf(job, run, cell) {
  if (cell && cell.state !== 'pending') return cell.state;
  if (isFinal(job.status)) return 'none';
  const prompt = run.prompt || run.prompts.size > 0;
  return job.status === 'running' && job.request.random && !prompt ? 'writing' : 'waiting';
}
