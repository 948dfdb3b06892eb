// The gallery page: all pictures, newest first, page after page; new ones appear by themselves.
import * as api from './api.js';
import { announce } from './announce.js';
import { byId, el, setText } from './dom.js';
import { follow } from './events.js';
import { valuesOf } from './form-values.js';
import { plural } from './format.js';
import { Lightbox } from './lightbox.js';
import { showLinkState } from './link-state.js';
import { leave } from './reuse.js';

const kTypingMs = 250;
const kNewMs = 500;

class Gallery {
  constructor() {
    this.grid = byId('grid');
    this.note = byId('note');
    this.more = byId('more');
    this.query = byId('q');
    this.endpoint = byId('endpoint');
    this.known = new Set();
    this.items = [];
    this.next = '';
    this.loading = null;
    this.lightbox = new Lightbox({
      onReuse: (item) => leave(valuesOf(item)) && location.assign('/'),
      onNearEnd: () => this.loadMore(),
    });
    this.more.addEventListener('click', () => this.loadMore());
    new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.loadMore(),
      { rootMargin: '800px' }).observe(byId('end'));
    byId('filter').addEventListener('submit', (event) => event.preventDefault());
    this.query.addEventListener('input', () => this.filterSoon(kTypingMs));
    this.endpoint.addEventListener('change', () => this.filterSoon(0));
    this.readAddress();
  }

  // The filter stands in the address, so that it can be kept and shared.
  readAddress() {
    const query = new URLSearchParams(location.search);
    this.query.value = query.get('q') ?? '';
    this.wanted = query.get('endpoint') ?? '';
    this.restart();
    this.listEndpoints();
  }

  async listEndpoints() {
    const endpoints = await api.endpoints().catch(() => []);
    const names = new Set(endpoints.map((one) => one.name));
    if (this.wanted) names.add(this.wanted);
    this.endpoint.append(...[...names].map((name) => el('option', { value: name, text: name })));
    this.endpoint.value = this.wanted;
  }

  filterSoon(ms) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      this.wanted = this.endpoint.value;
      const query = new URLSearchParams();
      if (this.query.value.trim()) query.set('q', this.query.value.trim());
      if (this.wanted) query.set('endpoint', this.wanted);
      history.replaceState(null, '', query.size > 0 || String(query) ? `?${query}` : location.pathname);
      this.restart();
    }, ms);
  }

  get filter() {
    return { q: this.query.value.trim(), endpoint: this.wanted };
  }

  async restart() {
    this.loading?.abort();
    this.loading = null;
    const page = await this.read('');
    if (!page) return;
    this.known.clear();
    this.items = [];
    this.grid.replaceChildren();
    this.append(page);
    const { q, endpoint } = this.filter;
    setText(this.note, page.images.length > 0 ? '' : q || endpoint ? 'No picture fits.' : 'No pictures yet.');
    if (q || endpoint) announce(page.next ? 'Many pictures found' : `${plural(page.images.length, 'picture')} found`);
  }

  async loadMore() {
    if (this.loading || this.next === '') return;
    const page = await this.read(this.next);
    if (page) this.append(page);
  }

  // One page, or null when it failed or another reading took its place.
  async read(cursor) {
    const mine = new AbortController();
    this.loading = mine;
    this.grid.setAttribute('aria-busy', 'true');
    try {
      return await api.gallery({ ...this.filter, cursor }, mine.signal);
    } catch (error) {
      if (error.code !== 'ABORTED') setText(this.note, error.message);
      return null;
    } finally {
      if (this.loading === mine) {
        this.loading = null;
        this.grid.setAttribute('aria-busy', 'false');
      }
    }
  }

  append({ images, next }) {
    this.next = next;
    this.more.hidden = next === '';
    const fresh = this.fresh(images);
    this.items.push(...fresh);
    this.grid.append(...fresh.map((item) => this.tile(item)));
    this.lightbox.extend([...this.items]);
  }

  fresh(images) {
    const items = images.filter((image) => !this.known.has(image.filename));
    for (const image of items) this.known.add(image.filename);
    return items.map((image) => ({ ...image, jobId: image.job_id }));
  }

  // Something was drawn. The first page tells what; it is read at most twice a second.
  newSoon() {
    this.arriving ??= setTimeout(async () => {
      this.arriving = null;
      const page = await api.gallery(this.filter).catch(() => null);
      if (!page) return;
      const fresh = this.fresh(page.images);
      this.items.unshift(...fresh);
      this.grid.prepend(...fresh.map((item) => this.tile(item)));
      this.lightbox.extend([...this.items]);
      if (fresh.length > 0) {
        setText(this.note, '');
        announce(plural(fresh.length, 'new picture'));
      }
    }, kNewMs);
  }

  tile(item) {
    const name = item.prompt || item.filename;
    const image = el('img', {
      src: item.thumbnail_url ?? item.url, alt: '', loading: 'lazy', decoding: 'async',
      width: item.width, height: item.height,
    });
    const button = el('button', {
      type: 'button', 'aria-label': `${name.slice(0, 200)}${item.endpoint ? `, ${item.endpoint}` : ''}`,
      on: { click: () => this.lightbox.open([...this.items], this.items.indexOf(item)) },
    }, image, el('span', { class: 'tile-text' },
      el('span', { class: 'tile-prompt', text: name }), el('span', { class: 'tile-endpoint', text: item.endpoint ?? '' })));
    const tile = el('li', { class: 'tile', data: { filename: item.filename } }, button);
    tile.style.setProperty('--ratio', String(item.width && item.height ? item.width / item.height : 1));
    return tile;
  }
}

const gallery = new Gallery();
let lost = false;
follow({
  onEvent: (type, data) => type === 'image' && data.success && gallery.newSoon(),
  onResync: async (why) => {
    if (why === 'poll') {
      await api.health();
      lost = true;
    }
    if (why !== 'open' || lost) gallery.newSoon();
  },
  onState: showLinkState,
});
