// Endpoints that a job does not go to, as its status lists them in `left_out`, in words.

// One sentence for each endpoint, or "".
export function leftOutText(list) {
  const reasons = new Map();
  for (const { endpoint, message } of list ?? []) {
    const known = reasons.get(endpoint) ?? [];
    known.push(String(message ?? '').replace(/^the endpoint /, ''));
    reasons.set(endpoint, known);
  }
  return [...reasons].map(([endpoint, why]) => `${endpoint} is left out: it ${why.join(', and ')}.`).join(' ');
}
