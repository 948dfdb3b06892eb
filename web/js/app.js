// The generator's page: form, queue and jobs put together.
import { byId, setText } from './dom.js';
import { follow } from './events.js';
import { SubmitForm } from './form.js';
import { valuesOf } from './form-values.js';
import { Jobs } from './jobs.js';
import { Lightbox } from './lightbox.js';
import { loadLimits } from './limits.js';
import { showLinkState } from './link-state.js';
import { linkPages } from './nav.js';
import { QueuePanel } from './queue-panel.js';
import { take } from './reuse.js';

function showFault(message) {
  const place = byId('work-error');
  setText(place, message);
  place.hidden = false;
}

const form = new SubmitForm({
  onAccepted: (receipt) => {
    byId('work-error').hidden = true;
    return jobs.submitted(receipt);
  },
});
const lightbox = new Lightbox({ onReuse: (item) => form.fill(valuesOf(item)) });
const queue = new QueuePanel({
  cancel: (id) => jobs.cancel(id),
  prioritise: (id, priority) => jobs.prioritise(id, priority),
  clear: () => jobs.clear(),
});
const jobs = new Jobs({
  lightbox,
  reuse: (request) => form.fill(request),
  onQueue: (running, pending, waiting) => queue.update(running, pending, waiting),
  onFault: showFault,
});

linkPages();
// Jobs are laid out by the sizes of their pictures.
await loadLimits();
follow({
  onEvent: (type, data) => jobs.onEvent(type, data),
  onResync: (why) => jobs.resync(why),
  onState: showLinkState,
});

const left = take();
if (left) form.fill(left);
