// The scene that is being edited, kept in this browser: its text as it stands and, when that is not
// valid, the scene as it was before.
const kKey = 'ipl-scene';

export function keep(text, scene) {
  try {
    localStorage.setItem(kKey, JSON.stringify({ text, scene }));
  } catch {
    // Storage is full or switched off: the scene lives as long as the page.
  }
}

// {text, scene} or null.
export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(kKey));
    return typeof found?.text === 'string' ? found : null;
  } catch {
    return null;
  }
}
