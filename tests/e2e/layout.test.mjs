// Every page on every kind of screen: nothing sticks out sideways, nothing comes from elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, openPage, overflow, shot, toggleAdvanced } from './support/browser.mjs';
import { Stage } from './support/host.mjs';
import { picture } from './support/scene.mjs';

const kScreens = {
  desktop: { viewport: { width: 1440, height: 900 } },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  tablet: { viewport: { width: 800, height: 1100 } },
  phone: { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true },
  small: { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
};

const kWord = 'Averyverylongwordwithoutanyplacetobreakit'.repeat(5);
const kWideScene = {
  scene: 'a harbour', [kWord]: 1, color_palette: ['navy', '#ffaa00', kWord],
  subjects: [{ description: kWord, position: 'left', color_palette: ['white', kWord] }],
};

let stage;
before(async () => {
  stage = await Stage.start({
    endpoints: [{ name: 'Alpha', seconds: 0.1 }, { name: 'An endpoint with quite a long name', seconds: 0.1 }],
    llm: ['--seconds', '0.1'],
  });
  const long = `${kWord} and then some`;
  for (const body of [{ prompt: long, count: 2 }, { prompt: 'a concept', random: true, count: 2 }]) {
    await stage.waitFor((await stage.submit(body)).job_id);
  }
});
after(() => stage?.stop());

for (const [screen, options] of Object.entries(kScreens)) {
  test(`no page is wider than its ${screen} screen`, async () => {
    const page = await openPage(options);
    const pages = {
      create: [`${stage.url}/`, '.job .picture'], gallery: [`${stage.url}/gallery`, '.tile'],
      vision: [`${stage.urls.json_from_image}/`, 'nav a[data-service="create_json"][href]'],
      editor: [`${stage.urls.create_json}/`, '#endpoint-list li'],
    };
    for (const [name, [url, ready]] of Object.entries(pages)) {
      await page.goto(url);
      await page.locator(ready).first().waitFor();
      if (name === 'create') await toggleAdvanced(page);
      if (name === 'editor') await page.fill('#scene-text', JSON.stringify(kWideScene));
      if (name === 'vision') await page.setInputFiles('#picture-file', picture);
      assert.equal(await overflow(page), 0, name);
      await page.waitForLoadState('load');
      await shot(page, `${screen}-${name}`);
      if (name !== 'gallery') continue;
      await page.locator('.tile button').first().click();
      await page.locator('.lightbox[open]').waitFor();
      assert.equal(await overflow(page), 0, 'large view');
      await shot(page, `${screen}-large`);
    }
    await closePage(page);
  });
}

test('every field and button has a name, every picture an alternative text', async () => {
  const page = await openPage();
  for (const url of [`${stage.url}/`, `${stage.url}/gallery`, `${stage.urls.json_from_image}/`, `${stage.urls.create_json}/`]) {
    await page.goto(url);
    await page.locator('.job .picture, .tile, #scene-text').first().waitFor();
    const subject = page.getByRole('button', { name: 'Add a subject' });
    if (await subject.count() > 0) await subject.click();
    const nameless = await page.evaluate(() => [...document.querySelectorAll('input, select, textarea, button')]
      .filter((element) => !(element.labels?.length || element.getAttribute('aria-label') || element.textContent.trim()))
      .map((element) => element.outerHTML));
    assert.deepEqual(nameless, []);
    assert.equal(await page.locator('img:not([alt])').count(), 0);
  }
  await closePage(page);
});
