// The picture to start from: chosen, dropped or pasted; looked at before it is sent.
import { byId, setText } from './dom.js';
import { bytes } from './format.js';
import { limits } from './limits.js';

export class PictureInput {
  // onFault(message) with "" when all is well; onChange(hasPicture).
  constructor({ onFault, onChange }) {
    this.onFault = onFault;
    this.onChange = onChange;
    this.file = null;
    this.turn = 0;  // which take() or clear() was the last
    this.input = byId('picture-file');
    this.drop = byId('picture-drop');
    this.shown = byId('picture-shown');
    this.preview = byId('picture-preview');
    this.facts = byId('picture-facts');
    this.input.addEventListener('change', () => this.take(this.input.files[0]));
    byId('picture-remove').addEventListener('click', () => {
      this.clear();
      this.input.focus();
    });
    this.listen();
  }

  listen() {
    const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
    // A file dropped beside the field must not make the browser leave the page.
    for (const type of ['dragover', 'drop']) {
      document.addEventListener(type, (event) => hasFiles(event) && event.preventDefault());
    }
    for (const place of [this.drop, this.shown]) {
      place.addEventListener('dragover', (event) => place.classList.toggle('over', hasFiles(event)));
      place.addEventListener('dragleave', () => place.classList.remove('over'));
      place.addEventListener('drop', (event) => {
        place.classList.remove('over');
        this.take(event.dataTransfer?.files[0]);
      });
    }
    document.addEventListener('paste', (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      this.take(file);
    });
  }

  // What the host takes, see limits.js.
  accept({ max_bytes: most, formats }) {
    this.input.accept = formats.join(',');
    setText(byId('picture-limit'), `drop, paste or choose; up to ${megabytes(most)}`);
  }

  async take(file) {
    if (!file) return;
    const turn = ++this.turn;
    const fault = await faultOf(file);
    if (turn !== this.turn) return;
    this.onFault(fault);
    if (fault !== '') {
      this.input.value = '';
      return;
    }
    this.clear();
    this.file = file;
    this.url = URL.createObjectURL(file);
    this.preview.src = this.url;
    setText(this.facts, `${file.name || 'pasted picture'}, ${bytes(file.size)}`);
    this.show(true);
  }

  clear() {
    ++this.turn;
    this.file = null;
    this.input.value = '';
    this.preview.removeAttribute('src');
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    this.onFault('');
    this.show(false);
  }

  show(has) {
    this.shown.hidden = !has;
    this.drop.hidden = has;
    this.onChange(has);
  }

  // As a data URL, or null without a picture.
  read() {
    return this.file ? dataUrl(this.file) : Promise.resolve(null);
  }
}

export const megabytes = (count) => `${Math.floor(count / 1024 / 1024)} MB`;

export function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.addEventListener('error', () => reject(new Error('The picture cannot be read any more.')));
    reader.readAsDataURL(file);
  });
}

// Why a file is not taken, or "".
export async function faultOf(file) {
  const most = limits()?.image.max_bytes ?? Infinity;
  if (file.size > most) return `This file has ${bytes(file.size)}; at most ${megabytes(most)} are accepted.`;
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head);
  const known = text.startsWith('\x89PNG\r\n') || text.startsWith('\xff\xd8\xff') || text.startsWith('GIF8')
    || (text.startsWith('RIFF') && text.slice(8) === 'WEBP');
  return known ? '' : 'Only JPEG, PNG, WebP and GIF pictures are accepted.';
}
