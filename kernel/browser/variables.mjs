// Drives JupyterLab's own variable view against the kernel and tells the
// outcome of each step in a line. Its argument is that of drive.mjs.
import assert from "node:assert/strict";
import path from "node:path";
import { start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const name = "variables.ipynb";
write(options, name, [
  `type pair struct { left int; right []string }
viewed := pair{5, []string{"x", "y"}}
fmt.Println("set")`,
  `fmt.Println("begun")
for {}`,
  `viewed.left = 6
fmt.Println("changed")`,
]);

const { page, client, complaints, close } = await start(options);
const step = steps(page, options);
const tree = wanted => page.waitForFunction(w => document.querySelector("#variables")?.textContent.includes(w), wanted);
// names are the variables that the service holds.
const names = () => page.evaluate(() => lab.debug.model.variables.scopes.flatMap(s => s.variables.map(v => v.name)));

try {
  await step("opens", () => client.open(name));
  await step("the debugger starts and the view shows a variable", async () => {
    await client.ready(0, "set");
    await client.idle();
    await page.evaluate(() => lab.startDebugger());
    assert(await page.evaluate(() => lab.debug.isStarted));
    assert((await names()).includes("viewed"));
    await tree("viewed");
    if (options.shots) await page.screenshot({ path: path.join(options.shots, "variables.png") });
  });
  await step("it looks into the variable", async () => {
    const fields = await page.evaluate(async () => {
      const viewed = lab.debug.model.variables.scopes[0].variables.find(v => v.name === "viewed");
      return lab.debug.inspectVariable(viewed.variablesReference);
    });
    assert.deepEqual(fields.map(f => `${f.name} ${f.type}`), ["left int", "right []string"]);
  });
  await step("it shows the rich form", async () => {
    const rich = await page.evaluate(() => lab.debug.inspectRichVariable("viewed"));
    assert.match(rich.data["text/plain"], /pair/);
  });
  await step("it answers while a cell runs, and follows the next one", async () => {
    await client.ready(1, "begun");
    await page.evaluate(() => lab.debug.displayDefinedVariables());
    assert((await names()).includes("viewed"));
    await client.interrupt();
    await client.idle();
    await client.ready(2, "changed");
    await client.idle();
    await page.evaluate(() => lab.debug.displayDefinedVariables());
    const value = await page.evaluate(() => lab.debug.model.variables.scopes[0].variables.find(v => v.name === "viewed").value);
    assert.match(value, /6/);
  });
  await step("a breakpoint stays, and is taken away", async () => {
    const set = lines => page.evaluate(async lines => {
      await lab.debug.updateBreakpoints("viewed.left = 6", lines.map(line => ({ line, verified: true })));
      return [...lab.debug.model.breakpoints.breakpoints.values()].flat().length;
    }, lines);
    assert.equal(await set([1]), 1);
    assert.equal(await set([]), 0);
  });
  await step("it is switched off", async () => {
    await page.evaluate(() => lab.debug.stop());
    assert(!(await page.evaluate(() => lab.debug.isStarted)));
  });
  await step("the page has nothing to complain of", async () => assert.deepEqual(complaints, []));
  await client.stop().catch(() => {});
} finally {
  await close();
}
process.exit(step.failed ? 1 : 0);
