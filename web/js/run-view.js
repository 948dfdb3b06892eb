// One run of a job: its prompt and one cell for each endpoint.
import { el, setText } from './dom.js';
import { CellView } from './cell-view.js';
import { columnsOf } from './job-model.js';

const kShort = 220;  // characters that are shown without unfolding

export class RunView {
  constructor(job, number, onOpen) {
    this.number = number;
    this.title = el('span', { class: 'run-number', text: `Run ${number}` });
    this.origin = el('span', { class: 'origin', hidden: true });
    this.prompt = el('p', { class: 'run-prompt' });
    this.more = el('button', { type: 'button', class: 'link', hidden: true, on: { click: () => this.unfold() } });
    this.fault = el('p', { class: 'run-fault', hidden: true });
    this.head = el('div', { class: 'run-head', role: 'rowheader' },
      el('p', {}, this.title, this.origin), this.fault, this.prompt, this.more);
    this.cells = columnsOf(job).map((column) => new CellView(job.id, column, onOpen));
    this.element = el('div', { class: 'run', role: 'row' }, this.head, ...this.cells.map((cell) => cell.element));
  }

  update(job, run) {
    const written = Boolean(job.request.random);
    this.head.hidden = job.count === 1 && !written && !job.any && differing(run).length === 0;
    this.showOrigin(written, run);
    const text = this.promptText(job, run);
    setText(this.prompt, text);
    this.more.hidden = text.length <= kShort;
    setText(this.more, this.prompt.classList.contains('whole') ? 'Less' : 'The whole prompt');
    for (const cell of this.cells) cell.update(job, run, run.cells.get(cell.column));
  }

  unfold() {
    const whole = this.prompt.classList.toggle('whole');
    setText(this.more, whole ? 'Less' : 'The whole prompt');
  }

  showOrigin(written, run) {
    const words = { llm: 'by the language model', fallback: 'fallback, not by the language model' };
    const text = written ? words[run.source] ?? '' : '';
    this.origin.hidden = text === '';
    this.origin.dataset.source = run.source ?? '';
    setText(this.origin, text);
    this.fault.hidden = !written || !run.llmError;
    setText(this.fault, run.llmError ?? '');
  }

  promptText(job, run) {
    const several = differing(run);
    if (several.length > 0) return several.map(([name, text]) => `${name}: ${text}`).join('\n');
    // A prompt that a person gave stands in the job's heading already.
    return job.request.random ? run.prompt : '';
  }

  stop() {
    for (const cell of this.cells) cell.stop();
  }
}

function differing(run) {
  const entries = [...run.prompts].filter(([, text]) => text);
  return new Set(entries.map(([, text]) => text)).size > 1 ? entries : [];
}
