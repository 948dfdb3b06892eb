// The host's event stream. Resumes by itself; while it is away the page is told to re-read every two
// seconds instead. A tab out of sight lets go of its stream, as browsers keep few connections open.

const kTypes = ['job', 'run', 'endpoint', 'image', 'queue'];
const kPollMs = 2000;
const kPatienceMs = 3000;
const kLongestPauseMs = 15_000;
const kHiddenMs = 60_000;

// onEvent(type, data); onResync(why: 'open' | 'reset' | 'poll') returns a promise that rejects when
// the host cannot be reached; onState('live' | 'polling' | 'offline').
export function follow({ onEvent, onResync, onState }) {
  let source = null;
  let pause = 1000;
  let poll = null;
  let reopen = null;

  function start() {
    clearTimeout(reopen);
    source?.close();
    const stream = new EventSource('/api/v1/events');
    source = stream;
    expectWithin(kPatienceMs);
    stream.addEventListener('open', () => {
      pause = 1000;
      stopPolling();
      onState('live');
      onResync('open').catch(() => {});
    });
    stream.addEventListener('error', () => {
      expectWithin(kPollMs);
      if (stream.readyState !== EventSource.CLOSED || stream !== source) return;
      reopen = setTimeout(start, pause);
      pause = Math.min(pause * 2, kLongestPauseMs);
    });
    stream.addEventListener('reset', () => onResync('reset').catch(() => {}));
    for (const type of kTypes) {
      stream.addEventListener(type, (event) => {
        const data = parse(event.data);
        if (data) onEvent(type, data);
      });
    }
  }

  function expectWithin(ms) {
    poll ??= setTimeout(pollNow, ms);
  }
  function stopPolling() {
    clearTimeout(poll);
    poll = null;
  }
  async function pollNow() {
    const mine = poll;
    let state = 'polling';
    await onResync('poll').catch(() => {
      state = 'offline';
    });
    if (poll !== mine) return;  // The stream came back meanwhile.
    onState(state);
    poll = setTimeout(pollNow, kPollMs);
  }

  let hidden = null;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) {
      hidden = setTimeout(() => {
        source?.close();
        source = null;
        clearTimeout(reopen);
        stopPolling();
      }, kHiddenMs);
    } else if (source === null) {
      start();
    }
  });
  // A page that is kept for the back button must not keep its stream.
  window.addEventListener('pagehide', () => {
    source?.close();
    source = null;
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) start();
  });
  start();
}

function parse(text) {
  try {
    const data = JSON.parse(text);
    return typeof data === 'object' ? data : null;
  } catch {
    return null;
  }
}
