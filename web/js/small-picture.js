// A picture in small: its thumbnail, or the picture itself where there is none.
import { el } from './dom.js';

const kBlurred = 1.2;  // shown so much larger than it is, a thumbnail looks it

// `image`: {url, thumbnail_url, width, height}; `props` as for el(). With `sharpen` the picture itself
// takes the thumbnail's place where that is too small for its frame.
export function smallPicture(image, props = {}, { sharpen = false } = {}) {
  const node = el('img', {
    src: image.thumbnail_url ?? image.url, loading: 'lazy', decoding: 'async',
    width: image.width, height: image.height, ...props,
  });
  if (!image.thumbnail_url) return node;
  node.addEventListener('error', () => { node.src = image.url; }, { once: true });
  if (sharpen) node.addEventListener('load', () => replace(node, image.url), { once: true });
  return node;
}

async function replace(node, url) {
  if (node.clientWidth * devicePixelRatio < node.naturalWidth * kBlurred) return;
  const whole = new Image();
  whole.src = url;
  try {
    await whole.decode();
    node.src = url;
  } catch {
    // Deleted meanwhile, perhaps: the thumbnail stays.
  }
}
