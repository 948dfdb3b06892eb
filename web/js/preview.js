// Keeps one picture element at the latest preview of a running item: at most two requests a second,
// never two at a time, and only while somebody can see them.
import * as api from './api.js';

const kIntervalMs = 500;
const kNoneYetMs = 2000;

export class Preview {
  constructor(image, jobId, endpoint) {
    this.image = image;
    this.jobId = jobId;
    this.endpoint = endpoint;
    this.notBefore = 0;
    this.timer = null;
    this.loading = false;
    this.url = null;
    this.stopped = false;
  }

  // There may be something new. Cheap.
  poke() {
    if (this.stopped || this.loading || this.timer !== null || document.hidden) return;
    const wait = Math.max(0, this.notBefore - performance.now());
    this.timer = setTimeout(() => this.load(), wait);
  }

  async load() {
    this.timer = null;
    this.loading = true;
    const blob = await api.preview(this.jobId, this.endpoint);
    this.loading = false;
    if (this.stopped) return;
    this.notBefore = performance.now() + (blob ? kIntervalMs : kNoneYetMs);
    if (!blob) return;
    const old = this.url;
    this.url = URL.createObjectURL(blob);
    this.image.src = this.url;
    this.image.hidden = false;
    if (old) URL.revokeObjectURL(old);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    if (this.url) URL.revokeObjectURL(this.url);
  }
}
