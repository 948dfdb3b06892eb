// Numbers and words for people.

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '';
  const value = Math.max(0, seconds);
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// An estimate promises no more than it knows: "3 s", "40 s", "2 min", "1 h 20 min".
export function roughly(seconds) {
  const round = (value, step) => Math.max(step, Math.round(value / step) * step);
  if (seconds < 20) return `${round(seconds, 1)} s`;
  if (seconds < 90) return `${round(seconds, 5)} s`;
  const minutes = seconds < 600 ? round(seconds / 60, 0.5) : round(seconds / 60, 5);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
}

export function bytes(count) {
  if (!Number.isFinite(count)) return '';
  if (count < 1024) return `${count} bytes`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(0)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}

// Seconds since the epoch.
export function moment(seconds) {
  if (!Number.isFinite(seconds)) return '';
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

// What stands for a prompt in a heading: a scene sent as JSON shows its scene, not its braces.
export function promptTitle(prompt) {
  const text = (prompt ?? '').trim();
  if (text.startsWith('{')) {
    try {
      const { scene } = JSON.parse(text);
      if (typeof scene === 'string' && scene.trim() !== '') return scene.trim();
    } catch {
      // Not JSON after all: shown as it is.
    }
  }
  return text;
}
