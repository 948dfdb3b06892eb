// The generator's page: form, queue and jobs put together.
import { byId, setText } from './dom.js';
import { follow } from './events.js';
import { SubmitForm } from './form.js';
import { valuesOf } from './form-values.js';
import { withRequest } from './job-items.js';
import { JobPictures } from './job-pictures.js';
import { Jobs } from './jobs.js';
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
const useAgain = (item) => form.fill(valuesOf(item), item.jobId);
const pictures = new JobPictures({ onReuse: useAgain, onChange: (job) => jobs.touch(job.id) });
const queue = new QueuePanel({
  cancel: (id) => jobs.cancel(id),
  prioritise: (id, priority) => jobs.prioritise(id, priority),
  clear: () => jobs.clear(),
});
const jobs = new Jobs({
  pictures,
  reuse: (request, id) => form.fill(request, id),
  onQueue: (running, pending, waiting) => {
    queue.update(running, pending, waiting);
    form.endpoints.follow(running.length + waiting > 0);
  },
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
if (left) useAgain(await withRequest(left));
