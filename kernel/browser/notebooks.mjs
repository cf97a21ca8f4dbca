// Runs a notebook in a front end as a reader would, cell by cell, looks at what it shows, in the light and in the dark,
// takes pictures and saves it. Its argument is that of drive.mjs, with notebook, its name.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { complaints as look } from "./look.mjs";
import { sleep, start, steps } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const cells = JSON.parse(fs.readFileSync(path.join(options.notebooks, options.notebook))).cells;
const { page, client, complaints, logged, close } = await start(options);
const step = steps(page, options);

// shot takes pictures of the whole notebook, one below the other.
async function shot(what) {
  if (!options.shots) return;
  const before = page.viewportSize(), piece = 1800;
  const height = Math.min(await client.height(), 15000);
  await page.setViewportSize({ width: before.width, height: Math.max(height, before.height) });
  await client.reveal(0); // the last cell that ran is where the page stands
  await sleep(800);
  for (let i = 0; i * piece < height; i++) {
    await page.screenshot({
      path: path.join(options.shots, `${options.client}-${path.parse(options.notebook).name}-${what}-${i + 1}.png`),
      clip: { x: 0, y: i * piece, width: before.width, height: Math.min(piece, height - i * piece) },
    });
  }
  await page.setViewportSize(before);
}

try {
  await step("what is wrong on a page is seen", async () => {
    await page.goto(pathToFileURL(path.resolve("faults.html")).href);
    const found = await page.evaluate(look, ".output");
    assert.deepEqual(found.map(f => f.replace(/^.*\(output (\d+)\)$/, "$1")), ["1", "2", "3", "4", "5", "6"], found.join("\n"));
  });
  await step("opens", () => client.open(options.notebook));
  await client.theme?.("Light");
  await sleep(1000); // the page settles
  await step("runs without an error", async () => {
    for (const [i, cell] of cells.entries()) {
      if (cell.cell_type !== "code") continue;
      await client.run(i);
      const idle = client.idle(900_000).then(() => true);
      if (!(await Promise.race([idle, sleep(6000)])) && options.shots) {
        await client.reveal(i);
        await page.screenshot({ path: path.join(options.shots, `${options.client}-${path.parse(options.notebook).name}-during-${i}.png`) });
      }
      await idle;
      const failed = (await client.outputs(i)).find(o => o.output_type === "error");
      assert(!failed, `cell ${i}: ${failed?.ename}: ${failed?.evalue}`);
    }
    await sleep(1000);
  });
  for (const theme of client.theme ? ["Light", "Dark"] : ["Light"]) {
    await step(`is readable, ${theme.toLowerCase()}`, async () => {
      await client.theme?.(theme);
      await shot(theme.toLowerCase());
      assert.deepEqual(await page.evaluate(look, client.areas), []);
    });
  }
  await step("is saved", async () => { await client.save(); await sleep(500); });
  await step("the page has nothing to complain of", async () => assert.deepEqual(complaints, []));
  await client.stop().catch(() => {});
} finally {
  await close();
}
if (step.failed) console.log(logged.slice(-20).join("\n"));
process.exit(step.failed ? 1 : 0);
