// Drives a second console of JupyterLab's on a subshell of the kernel, while a
// cell of the notebook trains, and tells the outcome of each step in a line.
// Its argument is that of drive.mjs.
import assert from "node:assert/strict";
import path from "node:path";
import { start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const name = "subshell.ipynb";
write(options, name, [
  `type Model struct { Weights []float64; Step int }
model, rate := &Model{Weights: []float64{0, 0}}, 0.5
fmt.Println("set")`,
  `fmt.Println("training")
for ; ctx.Err() == nil && rate > 0; model.Step++ {
	model.Weights[0] += rate * (1 - model.Weights[0])
	time.Sleep(time.Millisecond)
}
fmt.Println("stopped at rate", rate)`,
  `fmt.Println("after")`,
]);

const { page, client, complaints, close } = await start(options);
const step = steps(page, options);
// Runs a cell in the console and returns its outputs.
const inConsole = code => page.evaluate(code => lab.consoleRuns(code), code);
const plain = outputs => outputs.map(o => o.output_type === "error" ? `${o.ename}: ${o.evalue}` : [o.text ?? o.data?.["text/plain"] ?? ""].flat().join("")).join("");

try {
  await step("opens, and a cell trains", async () => {
    await client.open(name);
    await client.ready(0, "set");
    await client.idle();
    await client.ready(1, "training");
  });
  await step("a console opens on a subshell", async () => {
    await page.evaluate(() => lab.openConsole());
    assert(await page.evaluate(() => lab.panel.sessionContext.session.kernel.supportsSubshells));
  });
  await step("it looks at the model while the cell trains", async () => {
    assert.equal(plain(await inConsole(`fmt.Println("hello from the console")\nmodel.Step > 0`)), "hello from the console\ntrue");
    const [before, later] = [plain(await inConsole("model.Step")), plain(await inConsole("time.Sleep(50 * time.Millisecond)\nmodel.Step"))];
    assert(Number(later) > Number(before), `${before}, then ${later}`);
    if (options.shots) await page.screenshot({ path: path.join(options.shots, "subshell.png") });
  });
  await step("an error is that of the console", async () => {
    assert.match(plain(await inConsole(`panic("only here")`)), /only here/);
    assert.equal(await client.text(1), "training\n");
  });
  await step("it changes a variable, and the cell ends", async () => {
    await inConsole("rate = 0");
    assert.equal(await client.shows(1, "stopped"), "training\nstopped at rate 0\n");
    await client.ready(2, "after");
  });
  await step("an interrupt stops the cell and the console's", async () => {
    await inConsole("rate = 0.5");
    await client.idle();
    await client.run(1);
    await client.shows(1, "training");
    const spins = inConsole("for { }");
    await new Promise(resolve => setTimeout(resolve, 1000));
    await client.interrupt();
    assert.match(plain(await spins), /Interrupted/);
    await client.shows(1, "stopped at rate 0.5");
  });
  await step("nothing was complained about", () => assert.deepEqual(complaints, []));
} finally {
  await client.stop().catch(() => {});
  await close();
}
process.exit(step.failed ? 1 : 0);
