// The links between the pages of the three services: where each of them is, the host knows.
import * as api from './api.js';

let asking = null;

// `{dual_gen, json_from_image, create_json}`: addresses without a slash at the end; {} when unknown.
export function services() {
  asking ??= api.config().then((config) => config.services ?? {}).catch(() => {
    asking = null;
    return {};
  });
  return asking;
}

// Fills in the links of the page's head; a service that is switched off has none.
export async function linkPages() {
  const known = await services();
  for (const link of document.querySelectorAll('a[data-service]')) {
    const url = known[link.dataset.service];
    if (url) link.href = url + (link.dataset.path ?? '/');
    link.hidden = !link.hasAttribute('href');
  }
}
