// The small sign in the page's head: are we in touch with the host?
import { byId, setText } from './dom.js';

const kWords = {
  live: 'live', polling: 'live updates are off, asking every 2 s', offline: 'the host does not answer',
};

export function showLinkState(state) {
  const place = byId('link-state');
  place.dataset.state = state;
  setText(place, kWords[state]);
}
