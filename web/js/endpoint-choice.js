// Which endpoints draw: all, any free one, or chosen ones; each with its state as the host sees it.
import * as api from './api.js';
import { byId, setText } from './dom.js';
import { EndpointRow, inTrouble } from './endpoint-row.js';

const kRefreshMs = 30_000;
const kBusyMs = 5000;  // while something is drawn
const kSoonMs = 300;

export class EndpointChoice {
  constructor(form, { onChange }) {
    this.form = form;
    this.onChange = onChange;
    this.list = byId('endpoint-list');
    this.note = byId('endpoint-note');
    this.rows = new Map();
    this.asked = { start: false, roles: [], steps: null, guidance: null };
    this.busy = false;
    this.last = -Infinity;
    for (const radio of form.elements.target) {
      radio.addEventListener('change', () => {
        this.show();
        onChange();
      });
    }
    this.list.addEventListener('change', () => this.show());
    this.show();
    this.refresh();
    setInterval(() => {
      const due = this.busy || performance.now() - this.last >= kRefreshMs;
      if (due && !document.hidden) this.refresh();
    }, kBusyMs);
  }

  get target() {
    return this.form.elements.target.value;
  }

  // What goes into the request.
  get value() {
    if (this.target !== 'list') return this.target;
    return [...this.rows].filter(([, row]) => row.box.checked && !row.reason).map(([name]) => name);
  }

  // Those that would draw it.
  get drawing() {
    return [...this.rows.values()].filter((row) => !row.reason && (this.target !== 'list' || row.box.checked));
  }

  // What those tell of themselves.
  get capabilities() {
    return this.drawing.map((row) => row.endpoint?.capabilities);
  }

  choose(names) {
    this.form.elements.target.value = 'list';
    for (const [name, row] of this.rows) row.box.checked = names.includes(name);
    this.show();
  }

  // Endpoints that cannot draw what is asked for are not offered, and say why; see abilities.js.
  judge(asked) {
    this.asked = asked;
    this.show();
  }

  // Whether the host has work: their states change then.
  follow(busy) {
    if (this.busy === busy) return;
    this.busy = busy;
    setTimeout(() => this.refresh(), kSoonMs);
  }

  async refresh() {
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    try {
      this.fill(await api.endpoints());
    } catch {
      if (this.rows.size === 0) this.say('The endpoints are not known at the moment.');
    } finally {
      this.asking = false;
      this.last = performance.now();
    }
    if (this.again) this.refresh();
  }

  fill(endpoints) {
    const rows = new Map(endpoints.map(({ name }) => [name, this.rows.get(name) ?? new EndpointRow(name, (one) => this.tested(one))]));
    const changed = [...rows.keys()].join('\n') !== [...this.rows.keys()].join('\n');
    this.rows = rows;
    for (const endpoint of endpoints) rows.get(endpoint.name).update(endpoint);
    if (changed) this.list.replaceChildren(...[...rows.values()].map((row) => row.element));
    if (endpoints.length === 0) this.say('No endpoint is configured.');
    this.show();
    this.onChange();
  }

  tested(endpoint) {
    this.rows.get(endpoint.name)?.update(endpoint);
    this.show();
  }

  show() {
    for (const row of this.rows.values()) row.judge(this.asked, this.target === 'list');
    if (this.rows.size > 0) this.say(warning(this.drawing, this.target));
  }

  say(text) {
    setText(this.note, text);
  }
}

// What waits for endpoints that are away.
function warning(rows, target) {
  const away = rows.filter(({ endpoint }) => inTrouble(endpoint)).map(({ endpoint }) => endpoint.name);
  if (away.length === 0 || (target === 'any' && away.length < rows.length)) return '';
  if (target === 'any') return 'No endpoint is available: the job waits until one is.';
  return `Not available: ${away.join(', ')}. Pictures for ${away.length === 1 ? 'it' : 'them'} wait, and fail if that lasts.`;
}
