// The plain pages of the two other services: their health, and the way to the generator.
import * as api from './api.js';
import { byId, el, setText } from './dom.js';
import { duration } from './format.js';

const kRefreshMs = 10_000;

async function refresh() {
  const state = byId('health');
  try {
    const health = await api.health();
    state.dataset.status = health.status === 'healthy' ? 'online' : 'error';
    setText(byId('health-text'), health.status);
    const facts = [['Version', health.version], ['Up for', duration(health.uptime_seconds)]];
    if (health.llm) facts.push(['Language model', `${health.llm}${health.model ? `, ${health.model}` : ''}`]);
    if (health.upstream) facts.push(['Generator', health.upstream]);
    byId('facts').replaceChildren(...facts.flatMap(([name, value]) => [el('dt', { text: name }), el('dd', { text: value })]));
    if (health.generator_url) byId('generator').href = health.generator_url;
  } catch (error) {
    state.dataset.status = 'offline';
    setText(byId('health-text'), error.message);
  }
}

byId('generator').href = `${location.protocol}//${location.hostname}:5050/`;
refresh();
setInterval(() => document.hidden || refresh(), kRefreshMs);
