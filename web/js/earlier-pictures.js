// The pictures that an earlier job was given, back from the host, for "Use again".
import * as api from './api.js';
import { plural } from './format.js';

// Whether a job's `request` had any.
export const hadPictures = (request) => Boolean(request.image_mime) || (request.inputs ?? []).length > 0;

// {pictures: [{role, file}], missing}: `missing` says what could not be had, or is "". Once `signal` is aborted nothing
// more is fetched.
export async function earlierPictures(jobId, signal) {
  let list = [];
  try {
    list = await api.inputs(jobId, signal);
  } catch (error) {
    return { pictures: [], missing: `The pictures of that job could not be fetched: ${error.message}` };
  }
  const pictures = [];
  for (const { role, mime, url } of list) {
    if (signal.aborted) break;
    try {
      const name = `${role} picture of job ${jobId}`;
      pictures.push({ role, file: new File([await api.inputPicture(url, signal)], name, { type: mime }) });
    } catch {
      // Told below, with the others.
    }
  }
  const lost = list.length - pictures.length;
  return { pictures, missing: lost > 0 ? `${plural(lost, 'picture')} of that job could not be fetched from the host.` : '' };
}
