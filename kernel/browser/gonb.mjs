// Runs GoNB's own notebooks about comms, dom, widgets and plotly in a browser.
// Its argument is drive.mjs's, and examples: the folder they stand in.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
// cells are a notebook's code cells, without those that set up GoNB's own tests.
const cells = name => JSON.parse(fs.readFileSync(path.join(options.examples, name))).cells
  .filter(c => c.cell_type === "code").map(c => [c.source].flat().join("")).filter(s => !/goflags|GONB_GIT_ROOT/.test(s));
const tutorial = (...marks) => marks.map(mark => cells("tutorial.ipynb").find(s => s.includes(mark)));

// The tutorial draws with a module that only this would need; what it draws is no matter here.
const sine = `func mgSinPlot(width, height int, freq float64) string {
	points := ""
	for x := range width {
		points += fmt.Sprintf("%d,%.1f ", x, float64(height)/2*(1-0.9*math.Sin(2*math.Pi*freq*float64(x)/float64(width))))
	}
	return fmt.Sprintf(\`<svg width="%d" height="%d"><polyline fill="none" stroke="teal" points="%s"/></svg>\`, width, height, points)
}`;

// What each cell must show.
const notebooks = {
  comms: [cells("tests/comms.ipynb"), [/^\s*$/, /sent 1\ngot 2\nsent 2\ngot 3\nsent 3\ngot 4\n(?!.*Unexpected)[^]*done\n/, /ok\n/, /No more.\n/]],
  dom: [cells("tests/dom.ipynb"), [/This is a test!\s+And a second test.\s+This is a test!\s+And a second test./, /ok/]],
  widgets: [cells("tests/widgets.ipynb"), [/clicked\n/, /widget tested ok\n/, /widget tested ok\n/]],
  tutorial: [[sine, ...tutorial("slider := widgets.Slider(0, 100, 50)", "A Figure Specified By Go Struct")], [/^$/, /8.20[^]*Done\./, /^\[text.html\]$/]],
};

const { page, client, complaints, close } = await start(options);
const step = steps(page, options);

// finished runs a cell and returns what it shows in the end.
async function finished(cell) {
  await client.idle();
  await client.run(cell);
  await page.waitForTimeout(50);
  await client.idle();
  await page.waitForTimeout(250); // outputs of the page itself
  return client.text(cell);
}

try {
  for (const [name, [sources, wanted]] of Object.entries(notebooks)) {
    await step(`${name}.ipynb`, async () => {
      assert.equal(sources.length, wanted.length);
      write(options, `${options.client}-${name}.ipynb`, sources);
      await client.open(`${options.client}-${name}.ipynb`);
      if (name === "tutorial") await page.evaluate(() => { // the user: moves the slider, reads, presses Ok
        setInterval(() => {
          const slider = document.querySelector("input[id^=gonb_slider_]"), button = document.querySelector("button[id^=gonb_button_]");
          if (!slider || !button) return;
          if (document.querySelector("#sin_freq")?.textContent.trim() === "8.20") return button.click();
          slider.value = slider.value === "80" ? "79" : "80";
          slider.dispatchEvent(new Event("input"));
        }, 150);
      });
      for (let i = 0; i < sources.length; i++) {
        let shown;
        // The cells allow a page half a second or so, which a loaded machine may not manage at once.
        for (let attempt = 0; attempt < 4 && (shown === undefined || !wanted[i].test(shown)); attempt++) shown = await finished(i);
        assert.match(shown, wanted[i]);
      }
      if (name === "tutorial") {
        await page.waitForFunction(() => [...document.querySelectorAll("svg.main-svg text")].some(t => t.textContent === "A Figure Specified By Go Struct"));
        if (options.shots) await page.screenshot({ path: path.join(options.shots, `${options.client}-tutorial.png`) });
      }
      await client.stop();
      assert.deepEqual(complaints, []);
    });
  }
} finally {
  await close();
}
process.exit(step.failed ? 1 : 0);
