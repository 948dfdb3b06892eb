// The vision page: a picture becomes a scene, which goes to the generator or into the editor.
import * as api from './api.js';
import { copyFrom, download } from './clipboard.js';
import { byId, el, setText } from './dom.js';
import { JobCard } from './job-card.js';
import { linkPages, services } from './nav.js';
import { toFragment } from './scene-fragment.js';
import { SceneText } from './scene-text.js';
import { Submission } from './submission.js';
import { Toast } from './toast.js';
import { VisionForm } from './vision-form.js';

const json = new SceneText(byId('scene-text'), byId('scene-state'), arrange);
const toast = new Toast();
const submission = new Submission(api.sendScene);
const sendButton = byId('send');

function arrange() {
  byId('result').hidden = false;
  for (const id of ['send', 'edit']) byId(id).disabled = json.scene === null;
}

function say(message) {
  setText(byId('send-error'), message);
  byId('send-error').hidden = message === '';
}

new VisionForm({
  onScene: (scene) => {
    say('');
    json.show(scene);
    arrange();
    byId('result').scrollIntoView({ block: 'nearest' });
  },
});

byId('copy').addEventListener('click', async () => toast.show(await copyFrom(json.field) ? 'Copied.' : 'The browser does not allow copying.'));
byId('download').addEventListener('click', () => download(json.text, 'scene.json'));

sendButton.addEventListener('click', async () => {
  if (sendButton.getAttribute('aria-busy') === 'true') return;
  sendButton.setAttribute('aria-busy', 'true');
  sendButton.disabled = true;
  say('');
  try {
    const receipt = await submission.send(json.text, () => toast.show('No answer, trying again…'));
    JobCard.add(byId('sent'), receipt.job_id);
  } catch (error) {
    say([error.message, ...error.fields.map(({ field, message }) => `${field}: ${message}.`)].join(' '));
  } finally {
    sendButton.setAttribute('aria-busy', 'false');
    arrange();
  }
});

byId('edit').addEventListener('click', async () => {
  const fragment = toFragment(JSON.stringify(json.scene));
  const { create_json: editor } = await services();
  if (!editor) say('The address of the scene editor is not known: is it switched on?');
  else if (fragment === null) say('This scene is too long to be handed over in an address. Copy it, and paste it into the scene editor.');
  else el('a', { href: `${editor}/${fragment}`, target: '_blank', rel: 'noopener' }).click();
});

linkPages();
