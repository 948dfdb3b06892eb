// Asks for the host's API key and keeps it as a cookie, which pictures and event streams send too.
import { el } from './dom.js';

const kYear = 365 * 24 * 3600;
let asking = null;

// Resolves to true once a key was entered, false when the person declined. Callers that ask at the
// same time share one dialog.
export function askForKey(again) {
  asking ??= show(again).finally(() => {
    asking = null;
  });
  return asking;
}

function show(again) {
  return new Promise((resolve) => {
    const fault = el('p', { class: 'field-error', id: 'key-error', role: 'alert' });
    if (again) fault.textContent = 'This key is not known here.';
    const input = el('input', {
      id: 'key-input', type: 'password', autocomplete: 'current-password', required: true,
      'aria-describedby': 'key-error',
    });
    const form = el('form', { method: 'dialog', class: 'key-form' },
      el('h2', { text: 'This host asks for an API key', id: 'key-title' }),
      el('label', { for: 'key-input', text: 'API key' }), input, fault,
      el('div', { class: 'buttons' },
        el('button', { type: 'submit', class: 'primary', text: 'Use this key' }),
        el('button', { type: 'button', text: 'Not now', on: { click: () => dialog.close() } })));
    const dialog = el('dialog', { class: 'key-dialog', 'aria-labelledby': 'key-title' }, form);
    let entered = false;
    form.addEventListener('submit', (event) => {
      const key = input.value.trim();
      if (!/^[\x21-\x3a\x3c-\x7e]+$/.test(key)) {
        event.preventDefault();
        fault.textContent = 'A key consists of printable characters, without spaces and semicolons.';
        return;
      }
      document.cookie = `ipl_key=${key}; Path=/; Max-Age=${kYear}; SameSite=Strict`;
      entered = true;
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(entered);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
