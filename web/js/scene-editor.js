// The scene editor's page: form and JSON beside each other, always the same scene.
import { copyFrom, download } from './clipboard.js';
import { byId } from './dom.js';
import { bytes } from './format.js';
import { linkPages } from './nav.js';
import { SceneForm } from './scene-form.js';
import { fromFragment } from './scene-fragment.js';
import { emptyScene, isBlank, parseScene, sceneText } from './scene-model.js';
import { SceneSend } from './scene-send.js';
import { keep, kept } from './scene-store.js';
import { SceneText } from './scene-text.js';
import { Toast } from './toast.js';

const kMostBytes = 1024 * 1024;

class Editor {
  constructor() {
    this.scene = emptyScene();  // the last valid one: what the form shows
    this.toast = new Toast();
    this.form = new SceneForm(byId('scene-form'), (change) => this.edit(change));
    this.json = new SceneText(byId('scene-text'), byId('scene-state'), () => this.typed());
    this.send = new SceneSend(() => ({ scene: this.json.scene, fault: this.json.fault }));
    this.listen();
    const before = kept();
    if (before?.scene) this.scene = before.scene;
    this.show(before?.text ?? sceneText(this.scene));
    this.takeFragment();
  }

  listen() {
    const on = (id, run) => byId(id).addEventListener('click', run);
    on('new', () => this.replace(sceneText(emptyScene()), 'A new scene.'));
    on('restore', () => this.show(sceneText(this.scene)));
    on('download', () => download(this.json.text, 'scene.json'));
    on('copy', async () => this.toast.show(await copyFrom(this.json.field) ? 'Copied.' : 'The browser does not allow copying.'));
    byId('load').addEventListener('change', ({ target }) => {
      this.load(target.files[0]);
      target.value = '';
    });
    window.addEventListener('hashchange', () => this.takeFragment());
    document.addEventListener('paste', (event) => {
      if (event.target.closest?.('input, textarea')) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!parseScene(text).scene) return;
      event.preventDefault();
      this.replace(text, 'Pasted.');
    });
  }

  // By the form.
  edit(change) {
    const scene = structuredClone(this.scene);
    change(scene);
    this.show(sceneText(scene));
  }

  // In the JSON.
  typed() {
    if (this.json.scene) {
      this.scene = this.json.scene;
      this.form.fill(this.scene);
    }
    this.changed();
  }

  show(text) {
    this.json.set(text);
    this.scene = this.json.scene ?? this.scene;
    this.form.fill(this.scene);
    this.changed();
  }

  changed() {
    byId('broken').hidden = this.json.scene !== null;
    keep(this.json.text, this.scene);
  }

  // Another scene takes this one's place, which can be brought back.
  replace(text, message) {
    const { scene, json: { text: former, scene: valid } } = this;
    this.show(text);
    const lost = former !== text && !(valid && isBlank(valid));
    this.toast.show(message, lost ? { label: 'Undo', run: () => {
      this.scene = scene;
      this.show(former);
    } } : null);
  }

  takeFragment() {
    const text = fromFragment(location.hash);
    if (location.hash.startsWith('#scene=')) history.replaceState(null, '', location.pathname);
    if (text === null) return;
    const { scene } = parseScene(text);
    this.replace(scene ? sceneText(scene) : text, 'The scene of the vision page is here.');
  }

  async load(file) {
    if (!file) return;
    if (file.size > kMostBytes) {
      this.toast.show(`This file has ${bytes(file.size)}; a scene has ${bytes(kMostBytes)} at most.`);
      return;
    }
    const text = await file.text().catch(() => null);
    if (text === null) this.toast.show('The file cannot be read.');
    else this.replace(text, `${file.name} is loaded.`);
  }
}

new Editor();
linkPages();
