// Looks at a saved notebook, as nbconvert shows it, where scripts are forbidden, and where its outputs lose all that says
// how they look, as on GitHub. Its argument is that of drive.mjs, with page, the file that nbconvert has written.
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { complaints as look, strip } from "./look.mjs";
import { launch, steps } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const areas = ".jp-OutputArea-output";
const { context, close } = await launch(options.chromium, { javaScriptEnabled: false });
const page = context.pages()[0] ?? await context.newPage();
const step = steps(page, { ...options, client: "saved" });

async function shot(what) {
  if (!options.shots) return;
  const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), 15000), piece = 1800;
  const width = page.viewportSize().width;
  for (let i = 0; i * piece < height; i++) {
    await page.screenshot({
      path: path.join(options.shots, `${path.parse(options.page).name}-${what}-${i + 1}.png`), fullPage: true,
      clip: { x: 0, y: i * piece, width, height: Math.min(piece, height - i * piece) },
    });
  }
}

try {
  await step("is readable without scripts", async () => {
    await page.goto(pathToFileURL(options.page).href);
    await shot("noscript");
    assert.deepEqual(await page.evaluate(look, areas), []);
  });
  await step("is readable without styles", async () => {
    assert(await page.evaluate(strip, areas) > 0);
    await shot("stripped");
    assert.deepEqual(await page.evaluate(look, areas), []);
  });
} finally {
  await close();
}
process.exit(step.failed ? 1 : 0);
