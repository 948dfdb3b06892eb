// The pictures beside the start picture: masks, references, control pictures, each with its role.
import { byId, el } from './dom.js';
import { limits } from './limits.js';
import { dataUrl, faultOf } from './picture-input.js';

const kRoles = [['mask', 'Mask: white is repainted'], ['reference', 'Reference'], ['control', 'Control: edges, depth, pose']];

export class MorePictures {
  // onFault(message) with "" when all is well; onChange().
  constructor({ onFault, onChange }) {
    this.onFault = onFault;
    this.onChange = onChange;
    this.list = byId('more-list');
    this.add = byId('more-add');
    this.input = byId('more-file');
    this.pictures = [];
    this.turn = 0;  // counts clear()
    this.input.addEventListener('change', async () => {
      const files = [...this.input.files];
      this.input.value = '';
      for (const file of files) await this.take(file);
    });
    this.add.addEventListener('dragover', (event) => this.add.classList.toggle('over', event.dataTransfer?.types.includes('Files')));
    this.add.addEventListener('dragleave', () => this.add.classList.remove('over'));
    this.add.addEventListener('drop', async (event) => {
      this.add.classList.remove('over');
      for (const file of event.dataTransfer?.files ?? []) await this.take(file);
    });
  }

  get roles() {
    return this.pictures.map((picture) => picture.role.value);
  }

  accept({ formats }) {
    this.input.accept = formats.join(',');
  }

  clear() {
    ++this.turn;
    for (const picture of this.pictures) {
      URL.revokeObjectURL(picture.url);
      picture.item.remove();
    }
    this.pictures = [];
    this.onFault('');
    this.onChange();
  }

  // Without a role it is guessed from the name.
  async take(file, known = null) {
    const { turn } = this;
    // One place is the start picture's.
    const most = (limits()?.images?.max ?? 8) - 1;
    const fault = this.pictures.length >= most ? `At most ${most} pictures beside the start picture.` : await faultOf(file);
    if (turn !== this.turn) return;
    this.onFault(fault);
    if (fault !== '') return;
    const hasMask = this.roles.includes('mask');
    const role = el('select', { 'aria-label': `What ${file.name || 'the picture'} is` },
      ...kRoles.map(([value, text]) => el('option', { value, text })));
    role.value = known ?? (hasMask || !/mask/i.test(file.name) ? 'reference' : 'mask');
    role.addEventListener('change', () => this.onChange());
    const url = URL.createObjectURL(file);
    const remove = el('button', { type: 'button', class: 'quiet', text: 'Remove' });
    const item = el('li', {}, el('img', { src: url, alt: '' }), role, remove);
    const picture = { file, role, url, item };
    remove.addEventListener('click', () => this.drop(picture));
    this.pictures.push(picture);
    this.list.append(item);
    this.onChange();
  }

  drop(picture) {
    this.pictures = this.pictures.filter((one) => one !== picture);
    URL.revokeObjectURL(picture.url);
    picture.item.remove();
    this.onFault('');
    this.onChange();
    this.input.focus();
  }

  // For `images` of a request.
  read() {
    return Promise.all(this.pictures.map(async ({ file, role }) => ({ role: role.value, image: await dataUrl(file) })));
  }
}
