// Every call to the host: time limits, errors as values of one class, and the API key.
import { askForKey } from './key-dialog.js';

const kTimeoutMs = 30_000;

// `code` is the contract's (VALIDATION_ERROR ...) or NETWORK when no answer came.
export class ApiError extends Error {
  constructor(code, message, { status = 0, fields = [], correlationId = '', raw = '' } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.correlationId = correlationId;
    this.raw = raw;  // what a model said that could not be used
  }
}

let declined = false;

// `background` calls do not bring the question for a key back once it was declined. `read` takes what
// is wanted from the answer, within the same time limit.
async function call(path, { background = false, ...options }, read) {
  for (let again = false; ; again = true) {
    const outcome = await send(path, options, read);
    if (outcome.error === undefined) return outcome.value;
    if (outcome.error.status !== 401 || (declined && background)) throw outcome.error;
    declined = !await askForKey(again);
    if (declined) throw outcome.error;
  }
}

async function send(path, { signal, timeout = kTimeoutMs, ...init }, read) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal?.addEventListener('abort', stop);
  const timer = setTimeout(stop, timeout);
  try {
    const response = await fetch(path, { ...init, signal: controller.signal, cache: 'no-store' });
    return response.ok ? { value: await read(response) } : { error: await errorOf(response) };
  } catch {
    if (signal?.aborted) throw new ApiError('ABORTED', 'given up');
    throw new ApiError('NETWORK', 'The host does not answer. Is it running?');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function errorOf(response) {
  let content = {};
  try {
    content = await response.json();
  } catch {
    // A proxy's error page, perhaps: the status has to do.
  }
  const error = content?.error ?? {};
  let message = typeof error.message === 'string' ? error.message : `The host answered ${response.status}.`;
  const wait = response.headers.get('Retry-After');
  if (response.status === 429 && wait) message += ` Try again in ${wait} s.`;
  const fields = Array.isArray(error.details?.errors) ? error.details.errors : [];
  const raw = typeof error.details?.raw === 'string' ? error.details.raw : '';
  return new ApiError(error.code ?? 'INTERNAL_ERROR', message,
    { status: response.status, fields, correlationId: content?.correlation_id ?? '', raw });
}

const json = (path, options) => call(path, options, (response) => response.json());
const id = encodeURIComponent;

export function generate(bodyText, idempotencyKey) {
  return json('/api/v1/generate', {
    method: 'POST', body: bodyText, timeout: 120_000,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
  });
}

// The pictures that a job was given: [{role, mime, url}], and one of them as a blob.
export const inputs = (jobId, signal) => json(`/api/v1/jobs/${id(jobId)}/inputs`, { signal });
export const inputPicture = (url, signal) => call(url, { signal }, (response) => response.blob());

export const status = (jobId) => json(`/api/v1/status/${id(jobId)}`, { background: true });
export const why = (jobId) => json(`/api/v1/jobs/${id(jobId)}/why`, { background: true, timeout: 5000 });
export const queue = () => json('/api/v1/queue', { background: true });
export const endpoints = () => json('/api/v1/endpoints', { background: true });
// Asks it now; one that answers gets work again.
export const testEndpoint = (name) => json(`/api/v1/endpoints/${id(name)}/test`, { method: 'POST' });
export const health = () => json('/health', { background: true, timeout: 5000 });
export const cancel = (jobId) => json(`/api/v1/queue/${id(jobId)}`, { method: 'DELETE' });
export const retry = (jobId) => json(`/api/v1/jobs/${id(jobId)}/retry`, { method: 'POST' });
export const limits = () => json('/api/v1/limits', { background: true, timeout: 5000 });
export const setPriority = (jobId, priority) => json(`/api/v1/jobs/${id(jobId)}/priority`, {
  method: 'PUT', body: JSON.stringify({ priority }), headers: { 'Content-Type': 'application/json' },
});
export const config = () => json('/config.json', { background: true, timeout: 5000 });
export const models = () => json('/api/models', { background: true });

// A picture becomes a scene; a model may think for minutes. `form` is a FormData.
export const analyze = (form, signal) => json('/api/analyze', { method: 'POST', body: form, signal, timeout: 30 * 60_000 });
export const sendScene = (text, idempotencyKey) => json('/api/send', {
  method: 'POST', body: text, timeout: 120_000,
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
});
export const clearQueue = () => json('/api/v1/queue/clear', { method: 'POST' });

// One page: `{images, next}`; `next` is the cursor of the following page, or "".
export async function gallery({ q = '', endpoint = '', jobId = '', starred = false, trashed = false, cursor = '', limit = 60 }, signal) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (starred) query.set('starred', 'true');
  if (trashed) query.set('trashed', 'true');
  if (q) query.set('q', q);
  if (endpoint) query.set('endpoint', endpoint);
  if (jobId) query.set('job_id', jobId);
  if (cursor) query.set('cursor', cursor);
  return call(`/api/v1/gallery?${query}`, { signal, background: true }, async (response) => ({
    images: await response.json(), next: response.headers.get('X-Next-Cursor') ?? '',
  }));
}

const galleryPath = (filename) => `/api/v1/gallery/${id(filename)}`;
export const setStar = (filename, on) => json(`${galleryPath(filename)}/star`, { method: on ? 'PUT' : 'DELETE' });
export const trash = (filename) => json(galleryPath(filename), { method: 'DELETE' });
export const restore = (filename) => json(`${galleryPath(filename)}/restore`, { method: 'POST' });

// An archive of these pictures: `{blob, name}`.
export function zip(filenames) {
  return call('/api/v1/gallery/zip', {
    method: 'POST', body: JSON.stringify({ filenames }), timeout: 30 * 60_000,
    headers: { 'Content-Type': 'application/json' },
  }, async (response) => ({
    blob: await response.blob(),
    name: /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'pictures.zip',
  }));
}

// The picture as it stands, or null when there is none at the moment.
export async function preview(jobId, endpoint) {
  try {
    const path = `/api/v1/jobs/${id(jobId)}/previews/${id(endpoint)}`;
    return await call(path, { background: true, timeout: 5000 },
      (response) => (response.status === 200 ? response.blob() : null));
  } catch {
    return null;
  }
}
