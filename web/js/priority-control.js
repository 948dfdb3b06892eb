// A job's priority with a step down and a step up, while it is not finished.
import { el, setText } from './dom.js';
import { isFinal } from './job-model.js';
import { limits } from './limits.js';

export class PriorityControl {
  // onChange(priority)
  constructor(onChange) {
    this.value = el('span', { class: 'priority-value' });
    this.lower = step('−', () => onChange(this.priority - 1));
    this.raise = step('+', () => onChange(this.priority + 1));
    this.element = el('span', { class: 'priority', role: 'group', hidden: true }, this.lower, this.value, this.raise);
  }

  update(job, title) {
    this.priority = job.priority;
    this.element.hidden = isFinal(job.status) || !job.known;
    const range = limits()?.priority ?? { min: job.priority, max: job.priority };
    this.lower.disabled = job.priority <= range.min;
    this.raise.disabled = job.priority >= range.max;
    setText(this.value, `priority ${job.priority}`);
    this.element.setAttribute('aria-label', `Priority of ${title.slice(0, 80)}`);
  }
}

function step(text, click) {
  const name = text === '+' ? 'Raise the priority' : 'Lower the priority';
  return el('button', { type: 'button', class: 'quiet nudge', text, title: name, 'aria-label': name, on: { click } });
}
