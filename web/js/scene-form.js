// The fields of a scene as a form. It knows nothing of fields beyond those: changes are made to the
// scene itself, so whatever else it holds stays.
import { el } from './dom.js';
import { Palette, TextField } from './scene-field.js';
import { isObject, kCamera, kTexts, put } from './scene-model.js';
import { Subjects } from './scene-subjects.js';

export class SceneForm {
  // onEdit(change): `change` is a function that is given the scene and alters it.
  constructor(root, onEdit) {
    const edit = (...path) => (value) => onEdit((scene) => put(scene, path, value));
    this.texts = kTexts.map((field) => [field.name, new TextField(field, edit(field.name))]);
    this.camera = kCamera.map((field) => [field.name, new TextField(field, edit('camera', field.name))]);
    this.palette = new Palette({ label: 'Colours of the whole' }, edit('color_palette'));
    this.subjects = new Subjects(onEdit);
    this.cameraNote = el('p', { class: 'hint wide', hidden: true, text: 'This is not an object: change it in the JSON.' });
    this.cameraFields = el('fieldset', { class: 'wide' }, el('legend', { text: 'Camera' }),
      el('div', { class: 'scene-fields' }, ...this.camera.map(([, field]) => field.element)), this.cameraNote);
    const [scene, props, ...others] = this.texts.map(([, field]) => field.element);
    root.append(scene, props, this.subjects.element, this.palette.element, ...others, this.cameraFields);
  }

  fill(scene) {
    for (const [name, field] of this.texts) field.fill(scene[name]);
    const camera = isObject(scene.camera) ? scene.camera : {};
    const wrong = scene.camera !== undefined && scene.camera !== null && !isObject(scene.camera);
    for (const [name, field] of this.camera) field.fill(camera[name]);
    this.cameraFields.disabled = wrong;
    this.cameraNote.hidden = !wrong;
    this.palette.fill(scene.color_palette);
    this.subjects.fill(scene.subjects);
  }
}
