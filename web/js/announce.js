// Tells screen readers what happens, at a pace that can be listened to: messages that arrive in a
// burst are joined, and of a long burst only the last ones are read.

const kPauseMs = 1500;
const kMostAtOnce = 3;

let waiting = [];
let timer = null;

export function announce(message) {
  waiting.push(message);
  if (waiting.length > kMostAtOnce) waiting = waiting.slice(-kMostAtOnce);
  timer ??= setTimeout(speak, 150);
}

function speak() {
  const region = document.getElementById('announcer');
  if (region && waiting.length > 0) region.textContent = waiting.join('. ');
  waiting = [];
  timer = setTimeout(() => {
    timer = null;
    if (waiting.length > 0) speak();
  }, kPauseMs);
}
