// One endpoint in a form: whether it draws, how it is, what is wrong with it, and what it can do.
import * as api from './api.js';
import { announce } from './announce.js';
import { whyNot } from './abilities.js';
import { factsAbout } from './capability-facts.js';
import { el, setText } from './dom.js';
import { plural } from './format.js';
import { limits } from './limits.js';

const kStates = { timeout: 'does not answer', error: 'faulty', unknown: 'not known yet' };
const kCircuits = { open: 'paused after failures', half_open: 'being tried again' };

let rows = 0;

export class EndpointRow {
  // `onTested(endpoint)`: somebody had it asked.
  constructor(name, onTested) {
    this.onTested = onTested;
    this.reason = '';
    const id = `endpoint-details-${++rows}`;
    this.box = el('input', { type: 'checkbox', name: 'endpoint', value: name, checked: true });
    this.dot = el('span', { class: 'dot' });
    this.state = el('span', { class: 'endpoint-state' });
    this.toggle = el('button', {
      type: 'button', class: 'quiet endpoint-toggle', 'aria-expanded': 'false', 'aria-controls': id, on: { click: () => this.unfold() },
    }, 'Details', el('span', { class: 'visually-hidden', text: ` of ${name}` }));
    this.fault = el('span');
    this.ask = el('button', { type: 'button', class: 'link', text: 'Ask it again', on: { click: () => this.test() } });
    this.trouble = el('p', { class: 'endpoint-trouble', hidden: true }, this.fault, ' ', this.ask);
    this.facts = el('dl', { class: 'facts' });
    this.details = el('div', { class: 'endpoint-details', id, hidden: true }, this.facts);
    this.element = el('li', {},
      el('div', { class: 'endpoint-line' },
        el('label', {}, this.box, this.dot, el('span', { class: 'endpoint-name', text: name }), this.state), this.toggle),
      this.trouble, this.details);
  }

  update(endpoint) {
    this.endpoint = endpoint;
    const away = inTrouble(endpoint);
    this.dot.dataset.status = away && endpoint.status === 'online' ? 'timeout' : endpoint.status;
    this.trouble.hidden = !away;
    setText(this.fault, endpoint.last_error ?? 'It takes no work at the moment.');
    this.showFacts();
  }

  // `asked` as in abilities.js. One that cannot draw it is not offered, and says why.
  judge(asked, choosing) {
    this.reason = whyNot(this.endpoint?.capabilities, asked);
    this.box.hidden = !choosing;
    this.box.disabled = !choosing || this.reason !== '';
    this.element.classList.toggle('unable', this.reason !== '');
    if (this.endpoint) setText(this.state, this.reason || stateOf(this.endpoint));
  }

  unfold() {
    this.details.hidden = !this.details.hidden;
    this.toggle.setAttribute('aria-expanded', String(!this.details.hidden));
    this.showFacts();
  }

  // Nobody's selection is taken away by what has not changed.
  showFacts() {
    if (this.details.hidden) return;
    const facts = [...factsAbout(this.endpoint.capabilities, limits()?.steps.default), ...standOf(this.endpoint)];
    const signature = JSON.stringify(facts);
    if (signature === this.shown) return;
    this.shown = signature;
    this.facts.replaceChildren(...facts.flatMap(([term, text]) => [el('dt', { text: term }), el('dd', { text })]));
  }

  async test() {
    if (this.asking) return;
    this.asking = true;
    setText(this.ask, 'Asking…');
    let fault = '';
    try {
      this.onTested(await api.testEndpoint(this.endpoint.name));
    } catch (error) {
      fault = error.message;
    }
    this.asking = false;
    setText(this.ask, 'Ask it again');
    if (fault) setText(this.fault, fault);
    else if (this.trouble.hidden) this.toggle.focus();
    announce(`${this.endpoint.name}: ${fault || stateOf(this.endpoint)}`);
  }
}

// It gets no work until it has been found well again.
export function inTrouble({ status, circuit }) {
  return !['online', 'unknown'].includes(status) || (circuit ?? 'closed') !== 'closed';
}

function stateOf(endpoint) {
  const { status, busy, circuit } = endpoint;
  if (status === 'online' && inTrouble(endpoint)) return kCircuits[circuit] ?? circuit;
  return status === 'online' && busy ? 'online, busy' : kStates[status] ?? status;
}

function standOf(endpoint) {
  const facts = [['Now', `${endpoint.busy > 0 ? `drawing ${plural(endpoint.busy, 'picture')}` : 'idle'}, ${endpoint.queued} waiting`]];
  facts.push(['Plugin', endpoint.plugin]);
  if (endpoint.last_error) facts.push(['Last failure', endpoint.last_error]);
  return facts;
}
