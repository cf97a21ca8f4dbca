// Steers a training by the panel of package plotting/steer in a real browser and tells the outcome of each step in a
// line. Its argument is that of drive.mjs.
import assert from "node:assert/strict";
import path from "node:path";
import { sleep, start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const name = `steer-${options.client}.ipynb`;
write(options, name, [
  /* 0 */ `set := generate.Spirals(600, 3, 1.5, 0.04, dl.NewRand(1))
model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 3, Activation: nn.Softmax})
trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: 0.001}, Seed: 1}
training, err := trainer.Start(ctx, set, train.Options{Epochs: 1 << 20, BatchSize: 64, Callbacks: []train.Callback{plotting.Live()}})`,
  /* 1 */ `steer.Panel(training)`,
  /* 2 */ `s := training.Status()
fmt.Printf("rate %.4g, paused %v, over %v, read", s.Rate, s.Paused, s.Done)`,
]);

const { page, client, complaints, logged, close } = await start(options);
page.setDefaultTimeout(20_000);
const step = steps(page, options);
const shot = async what => { if (options.shots) await page.screenshot({ path: path.join(options.shots, `steer-${options.client}-${what}.png`) }); };
const status = async () => { const text = await client.ready(2, "read"); await client.idle(); return text; };
const rate = async () => Number((await status()).match(/rate ([^,]+),/)[1]);
const handle = page.locator(".widget-slider, .widget-hslider", { hasText: "learning rate" }).first().locator(".noUi-handle");
const button = label => page.locator("button", { hasText: label });
const line = wanted => page.waitForFunction(w => [...document.querySelectorAll(".widget-label")].some(e => e.textContent.includes(w)), wanted);
const picture = async () => JSON.stringify(await client.outputs(0));
// changed waits until the live picture is another one.
const changed = async before => {
  for (let i = 0; i < 600; i++) {
    if (await picture() !== before) return;
    await sleep(100);
  }
  throw new Error("the picture of the training does not change");
};

try {
  await step("opens", () => client.open(name));
  await step("a training begins, and its panel", async () => {
    await client.run(0);
    await client.idle();
    await client.run(1);
    await client.idle();
    await handle.waitFor();
    await line("learning rate 0.001");
    await changed("[]");
  });
  let before;
  await step("the slider is drawn by the mouse: the training has its rate", async () => {
    await sleep(2000); // the picture of the training has its size, and the panel its place
    await handle.scrollIntoViewIfNeeded();
    const box = await handle.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 20, y, { steps: 4 });
    await page.mouse.move(x + 40, y, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => ![...document.querySelectorAll(".widget-label")].some(e => /learning rate 0\.001(,|$)/.test(e.textContent)));
    before = await rate();
    assert(before > 0.0011 && before <= 1, `the rate is ${before}`);
  });
  await step("the slider is moved by a key", async () => {
    await handle.focus();
    await page.keyboard.press("ArrowRight");
    for (let i = 0; await rate() <= before; i++) {
      assert(i < 50, `the rate stays at ${before}`);
      await sleep(100);
    }
    await shot("running");
  });
  await step("it pauses: the picture stands still", async () => {
    await button("Pause").click();
    await button("Resume").waitFor();
    await line(", paused");
    assert.match(await status(), /paused true, over false/);
    await sleep(1500); // the last frame is drawn
    const still = await picture();
    await sleep(1500);
    assert.equal(await picture(), still);
    await shot("paused");
  });
  await step("it resumes", async () => {
    const still = await picture();
    await button("Resume").click();
    await button("Pause").waitFor();
    await changed(still);
    assert.match(await status(), /paused false, over false/);
  });
  await step("it stops: the controls are grey, the picture is the last one", async () => {
    await button("Stop").click();
    await line("stopped");
    await page.waitForFunction(() => [...document.querySelectorAll("button.jupyter-button")].filter(b => /Pause|Stop/.test(b.textContent)).every(b => b.disabled));
    assert.match(await status(), /over true/);
    const last = (await client.outputs(0)).find(o => o.data?.["image/png"]);
    assert(last, "no picture is left");
    assert.match([last.data["text/plain"]].flat().join(""), /^stopped/);
    await shot("stopped");
  });
  await step("the page has nothing to complain of", async () => assert.deepEqual(complaints, []));
  await client.stop().catch(() => {});
} finally {
  await close();
}
if (step.failed) console.log(logged.slice(-20).join("\n"));
process.exit(step.failed ? 1 : 0);
