// What the gallery is asked for. It stands in the address, so that it can be kept and shared.
import * as api from './api.js';
import { byId, el } from './dom.js';

const kTypingMs = 250;

export class Filter {
  constructor(onChange) {
    this.onChange = onChange;
    this.query = byId('q');
    this.endpoint = byId('endpoint');
    this.starred = byId('starred');
    this.trashed = byId('trashed');
    byId('filter').addEventListener('submit', (event) => event.preventDefault());
    this.query.addEventListener('input', () => this.soon(kTypingMs));
    this.endpoint.addEventListener('change', () => this.soon(0));
    for (const toggle of [this.starred, this.trashed]) {
      toggle.addEventListener('click', () => {
        press(toggle, !isPressed(toggle));
        this.soon(0);
      });
    }
    const query = new URLSearchParams(location.search);
    this.query.value = query.get('q') ?? '';
    this.wanted = query.get('endpoint') ?? '';
    press(this.starred, query.has('starred'));
    press(this.trashed, query.has('trash'));
    this.listEndpoints();
  }

  get value() {
    return {
      q: this.query.value.trim(), endpoint: this.wanted,
      starred: isPressed(this.starred), trashed: isPressed(this.trashed),
    };
  }

  soon(ms) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      this.wanted = this.endpoint.value;
      const { q, endpoint, starred, trashed } = this.value;
      const query = new URLSearchParams();
      if (q) query.set('q', q);
      if (endpoint) query.set('endpoint', endpoint);
      if (starred) query.set('starred', '');
      if (trashed) query.set('trash', '');
      history.replaceState(null, '', String(query) ? `?${query}` : location.pathname);
      this.onChange();
    }, ms);
  }

  async listEndpoints() {
    const endpoints = await api.endpoints().catch(() => []);
    const names = new Set(endpoints.map((one) => one.name));
    if (this.wanted) names.add(this.wanted);
    this.endpoint.append(...[...names].map((name) => el('option', { value: name, text: name })));
    this.endpoint.value = this.wanted;
  }
}

export const narrows = ({ q, endpoint, starred }) => Boolean(q || endpoint || starred);

const isPressed = (toggle) => toggle.getAttribute('aria-pressed') === 'true';
const press = (toggle, on) => toggle.setAttribute('aria-pressed', String(on));
