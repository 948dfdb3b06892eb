// What a scene is made of, without any page around it. Everything that is not named here is kept.

export const kTexts = [
  { name: 'scene', label: 'Scene', hint: 'the overall scene or environment', rows: 3 },
  { name: 'props', label: 'Props', hint: 'foreground elements', rows: 2 },
  { name: 'style', label: 'Style', hint: 'photographic or artistic' },
  { name: 'lighting', label: 'Lighting' },
  { name: 'mood', label: 'Mood' },
  { name: 'film_stock', label: 'Film stock', hint: 'or grading look' },
  { name: 'era', label: 'Era' },
  { name: 'time_weather', label: 'Time and weather' },
  { name: 'background', label: 'Background', rows: 2 },
  { name: 'composition', label: 'Composition', rows: 2 },
];

export const kCamera = [
  { name: 'angle', label: 'Angle' },
  { name: 'distance', label: 'Distance' },
  { name: 'lens', label: 'Lens', hint: 'focal length' },
  { name: 'f_number', label: 'F-number' },
  { name: 'iso', label: 'ISO', number: true },
  { name: 'shutter_speed', label: 'Shutter speed' },
  { name: 'aspect_ratio', label: 'Aspect ratio' },
  { name: 'focus', label: 'Focus' },
];

const kOrder = ['scene', 'props', 'subjects', 'style', 'color_palette', 'lighting', 'mood', 'film_stock', 'era',
  'background', 'composition', 'time_weather', 'camera'];

const kDeepest = 32;  // as the host takes it

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value) => value === undefined || value === null;

export function emptyScene() {
  const scene = Object.fromEntries(kOrder.map((name) => [name, '']));
  const camera = Object.fromEntries(kCamera.map(({ name, number }) => [name, number ? null : '']));
  return Object.assign(scene, { subjects: [], color_palette: [], camera });
}

export const emptySubject = () => ({ description: '', position: '', color_palette: [] });

export const sceneText = (scene) => JSON.stringify(scene, null, 2);

// {scene} or {fault}.
export function parseScene(text) {
  let scene;
  try {
    scene = JSON.parse(text);
  } catch (error) {
    return { fault: `This is not valid JSON: ${place(text, error.message)}` };
  }
  if (!isObject(scene)) return { fault: 'A scene is a JSON object: it begins with { and ends with }.' };
  return isDeeper(scene, kDeepest) ? { fault: `This is nested more than ${kDeepest} levels deep.` } : { scene };
}

function isDeeper(value, levels) {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function place(text, message) {
  const at = /at position (\d+)/.exec(message);
  if (!at || message.includes('line ')) return `${message}.`;
  const before = text.slice(0, Number(at[1])).split('\n');
  return `${message} (line ${before.length} column ${before.at(-1).length + 1}).`;
}

// Says nothing at all: no text and no number anywhere.
export function isBlank(value) {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isBlank);
  return isNothing(value) || value === '';
}

// What the contract says otherwise, in words.
export function remarksOn(scene) {
  const remarks = [];
  const expect = (fits, value, name, what) => isNothing(value) || fits(value) || remarks.push(`“${name}” should be ${what}.`);
  const isText = (value) => typeof value === 'string';
  const isTexts = (value) => Array.isArray(value) && value.every(isText);
  for (const { name } of kTexts) expect(isText, scene[name], name, 'text');
  expect(isTexts, scene.color_palette, 'color_palette', 'a list of colours');
  expect((value) => Array.isArray(value) && value.every(isObject), scene.subjects, 'subjects', 'a list of objects');
  expect(isObject, scene.camera, 'camera', 'an object');
  for (const [index, subject] of (Array.isArray(scene.subjects) ? scene.subjects : []).entries()) {
    const of = `subjects[${index}]`;
    for (const name of ['description', 'position']) expect(isText, subject?.[name], `${of}.${name}`, 'text');
    expect(isTexts, subject?.color_palette, `${of}.color_palette`, 'a list of colours');
  }
  for (const { name, number } of isObject(scene.camera) ? kCamera : []) {
    if (number) expect(Number.isFinite, scene.camera[name], `camera.${name}`, 'a number');
    else expect(isText, scene.camera[name], `camera.${name}`, 'text');
  }
  return remarks;
}

export const furtherFields = (scene) => Object.keys(scene).filter((name) => !kOrder.includes(name));

// Puts a value where `path` says. A field that is not there stays away as long as it is empty.
export function put(scene, path, value) {
  let at = scene;
  for (const key of path.slice(0, -1)) at = at[key] ??= {};
  const key = path.at(-1);
  if (isBlank(value) && !Object.hasOwn(at, key)) return;
  at[key] = value;
}
