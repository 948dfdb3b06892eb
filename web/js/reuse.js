// "Use again" across pages: the gallery leaves the values here and the form picks them up.

const kKey = 'ipl.reuse';

export function leave(values) {
  try {
    sessionStorage.setItem(kKey, JSON.stringify(values));
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
