// Sends a request once. Each submission carries a key; when no answer came, a repeat of the same
// request takes the same key, so the host makes one job of both.
import * as api from './api.js';

const kPausesMs = [1000, 3000];
const kMaybeTaken = ['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'INTERNAL_ERROR'];

export class Submission {
  // `post(body, key)` sends it.
  constructor(post = api.generate) {
    this.post = post;
    this.body = null;
    this.key = null;
  }

  // onRetry() is told before each further attempt.
  async send(body, onRetry) {
    if (this.body !== body) {
      this.body = body;
      this.key = newKey();
    }
    for (let attempt = 0; ; ++attempt) {
      try {
        const receipt = await this.post(body, this.key);
        this.body = null;
        return receipt;
      } catch (error) {
        if (!kMaybeTaken.includes(error.code)) this.body = null;
        if (error.code !== 'NETWORK' || attempt >= kPausesMs.length) throw error;
        onRetry();
        await new Promise((resolve) => { setTimeout(resolve, kPausesMs[attempt]); });
      }
    }
  }
}

// randomUUID is missing on plain http, where a page from another machine lives.
function newKey() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
