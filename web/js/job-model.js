// What is known of one job: kept up to date from status answers and events, without any page around
// it. A status answer may be older than the events beside it, so it never takes back what is final.

const kFinal = ['completed', 'failed', 'cancelled'];
const kOrder = { queued: 0, running: 1, completed: 2, failed: 2, cancelled: 2 };

export const isFinal = (status) => kFinal.includes(status);

// A job whose runs each go to one free endpoint has one column, of this name.
export const kAnyColumn = '';

export function createJob(id) {
  return {
    id, status: 'queued', createdAt: null, startedAt: null, completedAt: null, error: null, count: 1,
    priority: 0, request: {}, columns: [], any: false, known: false, runs: new Map(), leftOut: [],
    awaited: false,  // this page has asked for a retry
  };
}

// For reading: a run that has not begun is an empty one, and stays unknown to the job.
export function peekRun(job, number) {
  return job.runs.get(number) ?? createRun(number);
}

function createRun(number) {
  return { number, prompt: '', source: null, llmError: null, prompts: new Map(), guidance: null, cells: new Map() };
}

function runOf(job, number) {
  let run = job.runs.get(number);
  if (!run) {
    run = createRun(number);
    job.runs.set(number, run);
  }
  return run;
}

function cellOf(job, number, endpoint) {
  const { cells } = runOf(job, number);
  const column = job.any ? kAnyColumn : endpoint;
  let cell = cells.get(column);
  if (!cell) {
    cell = { state: 'pending', endpoint, progress: null, hasPreview: false, changes: 0, images: [], error: null };
    cells.set(column, cell);
  }
  if (endpoint) cell.endpoint = endpoint;
  return cell;
}

export function applyStatus(job, status) {
  job.known = true;
  job.request = status.request ?? {};
  job.count = status.count ?? 1;
  job.columns = job.request.endpoints ?? Object.keys(status.endpoint_status ?? {});
  job.any = job.request.target === 'any';
  job.leftOut = status.left_out ?? [];
  job.createdAt = status.created_at ?? job.createdAt;
  job.priority = status.priority ?? job.priority;
  if (isFinal(job.status) && isAfterTheEnd(job, status)) reopen(job);
  if (kOrder[status.status] >= kOrder[job.status] && !isFinal(job.status)) {
    job.status = status.status;
    job.error = status.error ?? null;
    job.startedAt = status.started_at ?? job.startedAt;
    job.completedAt = status.completed_at ?? null;
  }
  for (const list of [status.results, status.partial_results]) {
    (list ?? []).forEach((result, index) => addResult(job, result.run ?? index + 1, result));
  }
  if (status.current_prompt && status.current_run) {
    setPrompts(runOf(job, status.current_run), status.current_prompt, status.endpoint_prompts);
  }
  for (const [name, state] of Object.entries(status.endpoint_status ?? {})) {
    if (state.state !== 'generating' || !state.run) continue;
    const cell = cellOf(job, state.run, name);
    startCell(cell, state.progress);
    if (state.preview_url) cell.hasPreview = true;
  }
  settle(job);
}

// A status answer of a job that was opened again after the end that is known here.
function isAfterTheEnd(job, status) {
  const end = job.completedAt ?? Infinity;
  if (isFinal(status.status)) return status.completed_at > end;
  return job.awaited || status.started_at > end;
}

// What failed is tried again: the job waits once more, its pictures stay.
function reopen(job) {
  Object.assign(job, { status: 'queued', startedAt: null, completedAt: null, error: null, awaited: false });
  for (const cell of allCells(job)) {
    if (cell.state === 'error') Object.assign(cell, { state: 'pending', error: null, progress: null, hasPreview: false });
  }
}

export function applyEvent(job, type, data) {
  if (type === 'job') applyJob(job, data);
  if (!Number.isInteger(data.run) || data.run < 1) return settle(job);
  if (type === 'run') {
    const run = runOf(job, data.run);
    if (data.endpoint) run.prompts.set(data.endpoint, data.prompt ?? '');
    else run.prompt = data.prompt ?? '';
    run.source = data.llm_status?.source ?? null;
    run.llmError = data.llm_status?.error ?? null;
  } else if (type === 'endpoint') {
    const cell = cellOf(job, data.run, data.endpoint ?? '');
    if (data.state === 'generating') startCell(cell, data.progress);
    if (data.preview_url) cell.hasPreview = true;
  } else if (type === 'image') {
    addImage(job, data.run, data);
  }
  settle(job);
}

function applyJob(job, data) {
  job.priority = data.priority ?? job.priority;
  if (isFinal(job.status)) {
    if (isFinal(data.status ?? job.status) || !(data.time > job.completedAt)) return;
    reopen(job);
  }
  if (data.status === undefined) return;
  job.status = data.status;
  job.createdAt = data.created_at ?? job.createdAt;
  job.startedAt = data.started_at ?? job.startedAt;
  job.completedAt = data.completed_at ?? job.completedAt;
  job.count = data.count ?? job.count;
  job.error = data.error ?? null;
  if (job.status !== 'queued') return;
  // The host was started again: what was in the middle begins anew.
  for (const cell of allCells(job)) if (cell.state === 'generating') cell.state = 'pending';
}

function startCell(cell, progress) {
  if (cell.images.length > 0) return;
  cell.state = 'generating';
  cell.error = null;
  cell.progress = typeof progress === 'number' ? progress : cell.progress;
  ++cell.changes;
}

function addResult(job, number, result) {
  const run = runOf(job, number);
  setPrompts(run, result.prompt, result.endpoint_prompts);
  run.guidance = result.guidance_scale ?? run.guidance;
  run.source = result.llm_status?.source ?? run.source;
  run.llmError = result.llm_status?.error ?? run.llmError;
  for (const image of result.images ?? []) addImage(job, number, image);
}

function setPrompts(run, prompt, perEndpoint) {
  if (prompt) run.prompt = prompt;
  for (const [name, text] of Object.entries(perEndpoint ?? {})) if (text) run.prompts.set(name, text);
}

function addImage(job, number, image) {
  const cell = cellOf(job, number, image.endpoint?.name ?? '');
  if (!image.success) {
    if (cell.images.length > 0) return;
    cell.state = 'error';
    cell.error = image.error || 'No picture came.';
    return;
  }
  cell.state = 'done';
  cell.error = null;
  if (!cell.images.some((known) => known.filename === image.filename)) cell.images.push(image);
}

function settle(job) {
  if (!isFinal(job.status)) return;
  for (const cell of allCells(job)) if (cell.state === 'generating') cell.state = 'pending';
}

function* allCells(job) {
  for (const run of job.runs.values()) yield* run.cells.values();
}

// Every picture of the job, by run and then by column: the order of the page.
export function* pictures(job) {
  const numbers = [...job.runs.keys()].sort((a, b) => a - b);
  for (const number of numbers) {
    const run = job.runs.get(number);
    for (const column of columnsOf(job)) {
      for (const image of run.cells.get(column)?.images ?? []) yield { run, image };
    }
  }
}

export function columnsOf(job) {
  return job.any ? [kAnyColumn] : job.columns;
}

export function tally(job) {
  let done = 0;
  let failed = 0;
  for (const cell of allCells(job)) {
    done += cell.images.length;
    if (cell.state === 'error') ++failed;
  }
  return { done, failed, wanted: job.count * columnsOf(job).length };
}
