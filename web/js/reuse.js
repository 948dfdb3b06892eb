// "Use again" across pages: the gallery leaves the picture here and the form picks it up.

const kKey = 'ipl.reuse';

export function leave(item) {
  try {
    sessionStorage.setItem(kKey, JSON.stringify(item));
    return true;
  } catch {
    return false;
  }
}

export function take() {
  try {
    const text = sessionStorage.getItem(kKey);
    sessionStorage.removeItem(kKey);
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
