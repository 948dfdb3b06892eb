// Which endpoints draw: all, any free one, or chosen ones; each with its state as the host sees it.
import * as api from './api.js';
import { about, whyNot } from './abilities.js';
import { byId, el, setText } from './dom.js';

const kRefreshMs = 30_000;

export class EndpointChoice {
  constructor(form, { onChange }) {
    this.form = form;
    this.onChange = onChange;
    this.list = byId('endpoint-list');
    this.note = byId('endpoint-note');
    this.rows = new Map();
    this.asked = { start: false, roles: [], steps: null, guidance: null };
    for (const radio of form.elements.target) {
      radio.addEventListener('change', () => {
        this.show();
        onChange();
      });
    }
    this.show();
    this.refresh();
    setInterval(() => document.hidden || this.refresh(), kRefreshMs);
  }

  get target() {
    return this.form.elements.target.value;
  }

  // What goes into the request.
  get value() {
    if (this.target !== 'list') return this.target;
    return [...this.rows].filter(([, row]) => row.box.checked && !row.reason).map(([name]) => name);
  }

  // What those tell of themselves that would draw it.
  get capabilities() {
    return [...this.rows.values()].filter((row) => !row.reason && (this.target !== 'list' || row.box.checked))
      .map((row) => row.endpoint?.capabilities);
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

  async refresh() {
    try {
      this.fill(await api.endpoints());
    } catch {
      if (this.rows.size === 0) setText(this.note, 'The endpoints are not known at the moment.');
    }
  }

  fill(endpoints) {
    setText(this.note, endpoints.length === 0 ? 'No endpoint is configured.' : '');
    const rows = new Map(endpoints.map((endpoint) => [endpoint.name, this.rows.get(endpoint.name) ?? this.row(endpoint)]));
    const changed = [...rows.keys()].join('\n') !== [...this.rows.keys()].join('\n');
    this.rows = rows;
    for (const endpoint of endpoints) update(rows.get(endpoint.name), endpoint);
    if (changed) this.list.replaceChildren(...[...rows.values()].map((row) => row.element));
    this.show();
    this.onChange();
  }

  row(endpoint) {
    const box = el('input', { type: 'checkbox', name: 'endpoint', value: endpoint.name, checked: true });
    const dot = el('span', { class: 'dot' });
    const state = el('span', { class: 'endpoint-state' });
    const element = el('li', {}, el('label', {}, box, dot, el('span', { class: 'endpoint-name', text: endpoint.name }), state));
    return { element, box, dot, state };
  }

  show() {
    const choosing = this.target === 'list';
    for (const row of this.rows.values()) {
      row.reason = whyNot(row.endpoint?.capabilities, this.asked);
      row.box.hidden = !choosing;
      row.box.disabled = !choosing || row.reason !== '';
      row.element.classList.toggle('unable', row.reason !== '');
      if (row.endpoint) setText(row.state, row.reason || stateOf(row.endpoint));
    }
  }
}

function update(row, endpoint) {
  row.endpoint = endpoint;
  row.dot.dataset.status = endpoint.status;
  row.element.title = endpoint.last_error ?? about(endpoint.capabilities);
}

function stateOf({ status, busy }) {
  return status === 'online' && busy ? 'online, busy' : status;
}
