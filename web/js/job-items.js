// The pictures of a job as the large view shows them, with all that made each.
import * as api from './api.js';
import { applyStatus, createJob, pictures } from './job-model.js';

export const itemsOf = (job) => [...pictures(job)].filter(({ image }) => !image.removed)
  .map(({ run, image }) => itemOf(job, run, image));

// The same picture with what its job tells of it; as it came when nobody knows that job.
export async function withRequest(item) {
  if (item.request || !item.jobId) return item;
  try {
    const job = createJob(item.jobId);
    applyStatus(job, await api.status(item.jobId));
    return itemsOf(job).find((one) => one.filename === item.filename) ?? item;
  } catch {
    return item;
  }
}

function itemOf(job, run, image) {
  const name = image.endpoint?.name;
  return {
    url: image.url, thumbnail_url: image.thumbnail_url, starred: image.starred, trashed_at: image.trashed_at,
    filename: image.filename, endpoint: name, prompt: image.prompt_used,
    // What it was made of, when that was compiled for the endpoint's model.
    source: image.prompt_dialect ? run.prompts.get(name) || run.prompt || job.request.prompt : undefined,
    dialect: image.prompt_dialect, losses: image.prompt_loss,
    seed: image.stats?.seed, width: image.width, height: image.height, duration: image.duration,
    guidance: run.guidance, run: job.count > 1 ? `${run.number} of ${job.count}` : null, jobId: job.id,
    request: job.request,
  };
}
