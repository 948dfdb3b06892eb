// A scene in the part of an address that no server sees: how it gets from one page to the other.

const kName = 'scene=';
const kMost = 60_000;  // characters that every browser takes

// The fragment, or null when the scene is too long for an address.
export function toFragment(text) {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > kMost) return null;
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const encoded = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return encoded.length > kMost ? null : `#${kName}${encoded}`;
}

// The text, or null when the fragment holds none.
export function fromFragment(fragment) {
  if (!fragment.startsWith(`#${kName}`) || fragment.length > kMost + kName.length + 1) return null;
  try {
    const binary = atob(fragment.slice(kName.length + 1).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
