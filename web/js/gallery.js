// The gallery page: all pictures, newest first, page after page; new ones appear by themselves.
import * as api from './api.js';
import { announce } from './announce.js';
import { byId, setText } from './dom.js';
import { follow } from './events.js';
import { plural } from './format.js';
import { Filter, narrows } from './gallery-filter.js';
import { Selection } from './gallery-selection.js';
import { Tile } from './gallery-tile.js';
import { Lightbox } from './lightbox.js';
import { showLinkState } from './link-state.js';
import { linkPages } from './nav.js';
import { leave } from './reuse.js';
import { Toast } from './toast.js';

const kNewMs = 500;
const kPage = 60;
const kLongPage = 1000;
const kMostPages = 10;  // when what is shown is read anew

class Gallery {
  constructor() {
    this.grid = byId('grid');
    this.note = byId('note');
    this.more = byId('more');
    this.tiles = new Map();  // by file name
    this.items = [];
    this.next = '';
    this.asked = null;  // the filter of what is shown; null before the first answer
    this.loading = null;
    this.gone = null;  // the names of what was taken away while refresh() reads
    this.toast = new Toast();
    const fault = (message) => this.toast.show(message);
    this.selection = new Selection({
      onTrash: (items) => this.trash(items),
      onRestore: (items) => this.restore(items),
      onChange: (item, on) => this.tiles.get(item.filename)?.select(on),
      onFault: fault,
    });
    this.actions = {
      open: (item) => this.lightbox.open([...this.items], this.items.indexOf(item)),
      star: (item) => this.star(item),
      trash: (item) => this.trash([item]),
      restore: (item) => this.restore([item]),
      select: (item, on) => this.selection.set(item, on),
    };
    this.lightbox = new Lightbox({
      onReuse: (item) => leave(item) && location.assign('/'),
      onStar: this.actions.star,
      onTrash: (item) => (item.trashed_at ? this.restore([item]) : this.trash([item])),
      onNearEnd: () => this.loadMore(),
    });
    this.more.addEventListener('click', () => this.loadMore());
    this.end = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.loadMore(),
      { rootMargin: '800px' });
    this.filter = new Filter(() => this.restart());
    this.restart();
  }

  async restart() {
    const asked = this.filter.value;
    const page = await this.read((signal) => api.gallery(asked, signal));
    if (!page) return;
    this.asked = asked;
    this.selection.clear();
    this.tiles.clear();
    this.items = [];
    this.grid.replaceChildren();
    byId('trash-hint').hidden = !asked.trashed;
    this.append(page);
    if (narrows(asked)) announce(page.next ? 'Many pictures found' : `${plural(page.images.length, 'picture')} found`);
  }

  // What is shown is not what the filter asks for by now.
  get outdated() {
    return JSON.stringify(this.filter.value) !== JSON.stringify(this.asked);
  }

  async loadMore() {
    if (this.loading || this.next === '') return;
    const page = await this.read((signal) => api.gallery({ ...this.asked, cursor: this.next }, signal));
    if (page) this.append(page);
  }

  // After more changes than were told one by one. What is still there keeps its tile, and with it the selection, the
  // keyboard's place and the page's.
  async refresh() {
    if (this.outdated) return this.restart();
    const before = [...this.items];
    const gone = new Set();
    this.gone = gone;
    const page = await this.read((signal) => this.readDownTo(before.at(-1), signal));
    if (this.gone === gone) this.gone = null;
    if (!page) return;
    const there = new Map(page.images.filter(({ filename }) => !gone.has(filename)).map((image) => [image.filename, image]));
    // Another picture under the same name is a new one.
    this.drop(before.filter(({ filename, mtime }) => there.get(filename)?.mtime !== mtime));
    for (const tile of this.tiles.values()) {
      tile.item.starred = there.get(tile.item.filename)?.starred ?? tile.item.starred;
      tile.update();
    }
    this.append({ images: [...there.values()], next: page.next });
  }

  // From the newest down to where `last` stands, as one page.
  async readDownTo(last, signal) {
    const images = [];
    let next = '';
    let limit = Math.min(Math.max(this.items.length, kPage), kLongPage);
    for (let count = 0; count < kMostPages; ++count) {
      const page = await api.gallery({ ...this.asked, cursor: next, limit }, signal);
      images.push(...page.images);
      next = page.next;
      if (!last || next === '' || !comesBefore(images.at(-1), last)) break;
      limit = kLongPage;
    }
    return { images, next };
  }

  // What `load(signal)` reads, or null when it failed or another reading took its place.
  async read(load) {
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    this.grid.setAttribute('aria-busy', 'true');
    try {
      return await load(mine.signal);
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
    this.add(images);
    // An end that stays in sight is told only once; watched anew it is told again.
    this.end.disconnect();
    this.end.observe(byId('end'));
  }

  // Puts those that are not shown yet at their places; gives them.
  add(images) {
    const fresh = images.filter((image) => !this.tiles.has(image.filename))
      .map((image) => ({ ...image, jobId: image.job_id ?? image.jobId }));
    for (const item of fresh) {
      this.gone?.delete(item.filename);
      const tile = new Tile(item, this.actions);
      this.tiles.set(item.filename, tile);
      const at = this.items.findIndex((other) => comesBefore(item, other));
      if (at < 0) {
        this.items.push(item);
        this.grid.append(tile.element);
      } else {
        this.tiles.get(this.items[at].filename).element.before(tile.element);
        this.items.splice(at, 0, item);
      }
    }
    this.changed();
    return fresh;
  }

  remove(items) {
    for (const { filename } of items) this.gone?.add(filename);
    this.drop(items);
    this.changed();
    if (this.items.length < 20) this.loadMore();
  }

  drop(items) {
    const focused = items.some((item) => this.tiles.get(item.filename)?.element.contains(document.activeElement));
    const at = this.items.indexOf(items[0]);
    for (const item of items) {
      this.selection.set(item, false);
      this.tiles.get(item.filename)?.element.remove();
      this.tiles.delete(item.filename);
    }
    this.items = this.items.filter((item) => this.tiles.has(item.filename));
    // The keyboard goes on where it was.
    const neighbour = this.items[Math.min(at, this.items.length - 1)];
    if (focused && neighbour) this.tiles.get(neighbour.filename).open.focus();
  }

  changed() {
    this.lightbox.extend([...this.items]);
    const none = narrows(this.asked) ? 'No picture fits.' : this.asked.trashed ? 'The trash is empty.' : 'No pictures yet.';
    setText(this.note, this.items.length > 0 || this.next ? '' : none);
  }

  async star(item) {
    const wanted = !item.starred;
    this.mark(item, wanted);
    try {
      await api.setStar(item.filename, wanted);
    } catch (error) {
      this.mark(item, !wanted);
      this.toast.show(error.message);
    }
  }

  mark(item, starred) {
    item.starred = starred;
    this.tiles.get(item.filename)?.update();
    this.lightbox.extend([...this.items]);
  }

  async trash(items) {
    const { done, fault } = await each(items, (item) => api.trash(item.filename));
    // By now the trash may be shown, where they belong.
    if (!this.asked.trashed) this.remove(done);
    const undo = { label: 'Undo', run: () => this.undo(done) };
    if (done.length > 0) this.toast.show(fault || `${what(done)} in the trash.`, undo);
    else this.toast.show(fault);
  }

  async undo(items) {
    const { done, fault } = await each(items, (item) => api.restore(item.filename));
    const back = done.map((item) => ({ ...item, trashed_at: null }));
    if (!this.asked.trashed) this.add(back);
    this.tiles.get(back[0]?.filename)?.open.focus();
    if (fault) this.toast.show(fault);
    else announce(`${plural(back.length, 'picture')} restored`);
  }

  async restore(items) {
    const { done, fault } = await each(items, (item) => api.restore(item.filename));
    if (this.asked.trashed) this.remove(done);
    this.toast.show(fault || `${what(done)} in the gallery again.`);
  }

  // Something was drawn or came back. The first page tells what; it is read at most twice a second.
  newSoon() {
    this.arriving ??= setTimeout(async () => {
      this.arriving = null;
      // A first page that is on its way may have been read before; one that never came is asked for again.
      if (this.outdated) return this.loading ? this.newSoon() : this.restart();
      const { asked } = this;
      const page = await api.gallery(asked).catch(() => null);
      if (!page) return;
      // Meanwhile other pictures are shown, and these may not belong to them.
      if (this.asked !== asked) return this.newSoon();
      const fresh = this.add(page.images);
      if (fresh.length > 0) announce(plural(fresh.length, 'new picture'));
    }, kNewMs);
  }

  // What was done to a picture, by this page or another.
  onImage(data) {
    const item = this.tiles.get(data.filename)?.item;
    const wanted = this.filter.value;
    if (typeof data.starred === 'boolean' && item) this.mark(item, data.starred);
    if (data.folder_changed) this.refresh();
    else if (data.success || data.found || (data.starred && wanted.starred) || data.trashed === wanted.trashed) this.newSoon();
    else if ((typeof data.trashed === 'boolean' || data.removed) && item) this.remove([item]);
  }
}

// Newest first, then by name, as the host has it.
function comesBefore(a, b) {
  return a.mtime !== b.mtime ? a.mtime > b.mtime : a.filename < b.filename;
}

// Does it to one after the other; goes on after a fault and tells the last one.
async function each(items, run) {
  const done = [];
  let fault = '';
  for (const item of items) {
    try {
      await run(item);
      done.push(item);
    } catch (error) {
      fault = error.message;
    }
  }
  return { done, fault };
}

function what(items) {
  return items.length === 1 ? 'The picture is' : `${plural(items.length, 'picture')} are`;
}

linkPages();
const gallery = new Gallery();
let first = true;
follow({
  onEvent: (type, data) => type === 'image' && gallery.onImage(data),
  onResync: async (why) => {
    const missed = !first;  // The page was read just before the stream opened first.
    first = false;
    if (why === 'poll') {
      await api.health();
      gallery.newSoon();
    } else if (missed) {
      gallery.refresh();
    }
  },
  onState: showLinkState,
});
