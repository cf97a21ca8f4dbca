// Drives the widgets of package ipywidgets in a real browser and tells the
// outcome of each step in a line. Its argument is that of drive.mjs.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { sleep, start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const name = `ipywidgets-${options.client}.ipynb`;
write(options, name, [
  /* 0 */ `degree := ipywidgets.NewIntSlider(3, 1, 10, ipywidgets.Traits{"description": "degree"})
said := ipywidgets.NewHTML("nothing")
degree.OnChange(func(n int) { said.SetValue(fmt.Sprintf("<b class='said'>degree %d</b>", n)) })
ipywidgets.NewVBox(degree, said)`,
  /* 1 */ `clicks := 0
button := ipywidgets.NewButton("Press", ipywidgets.Traits{"button_style": "primary"})
button.OnClick(func() {
	clicks++
	button.SetDescription(fmt.Sprint("pressed ", clicks))
	fmt.Println("click", clicks)
})
button`,
  /* 2 */ `ipywidgets.Interact(func(waves, points int, curve string) (image.Image, error) {
	if curve == "none" {
		return nil, errors.New("there is nothing to draw")
	}
	img := image.NewGray(image.Rect(0, 0, 400, 120))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for i := range points {
		x := float64(i) / float64(points)
		y := math.Sin(2 * math.Pi * float64(waves) * x)
		if curve == "square" {
			y = math.Copysign(1, y)
		}
		for d := range 9 {
			img.SetGray(int(400*x)+d/3, 60+int(50*y)+d%3, color.Gray{0})
		}
	}
	return img, nil
}, ipywidgets.Named("waves", ipywidgets.Range(1, 9)), ipywidgets.Named("points", ipywidgets.Range(10, 400)), ipywidgets.Named("curve", []string{"sine", "square", "none"}))`,
  /* 3 */ `fmt.Println("degree is", degree.Value(), "after", clicks, "clicks")
degree.SetValue(9)`,
  /* 4 */ `line, area := ipywidgets.NewText("a line"), ipywidgets.NewTextarea("two\\nlines")
tick := ipywidgets.NewCheckbox(true, "tick")
bar := ipywidgets.NewFloatProgress(0.6, 0, 1, ipywidgets.Traits{"bar_style": "success", "description": "done"})
whole := ipywidgets.NewIntProgress(30, 0, 100)
rate := ipywidgets.NewFloatLogSlider(0.01, -4, 0, ipywidgets.Traits{"description": "rate"})
linked := ipywidgets.NewFloatSlider(0.5, 0, 1)
choice := ipywidgets.NewDropdown([]string{"adam", "sgd"})
picture := ipywidgets.NewImage(nil, ipywidgets.Traits{"width": "60"})
dots := image.NewGray(image.Rect(0, 0, 60, 40))
dots.Pix[5] = 200
if err := picture.SetImage(dots); err != nil { panic(err) }
out := ipywidgets.NewOutput()
fmt.Fprintln(out, "text of the output")
out.Display(map[string]int{"a": 1, "b": 2})
ipywidgets.NewLink(linked.Trait("value"), bar.Trait("value"))
line.OnChange(func(s string) { fmt.Fprintln(out, "line:", s) })
tab := ipywidgets.NewTab([]string{"input", "more", "output"},
	ipywidgets.NewVBox(line, area, tick, choice), ipywidgets.NewVBox(rate, linked, bar, whole, ipywidgets.NewHBox(picture, ipywidgets.NewLabel("a label $x^2$"))), out)
tab`,
]);

const { page, client, complaints, logged, close } = await start(options);
const step = steps(page, options);
const shot = async what => { if (options.shots) await page.screenshot({ path: path.join(options.shots, `ipywidgets-${options.client}-${what}.png`) }); };
// shows waits until an element with a text is on the page, or in the part of it that holds a text.
const shows = (selector, wanted) => page.waitForFunction(([s, w]) => [...document.querySelectorAll(s)].some(e => e.textContent.includes(w)), [selector, wanted]);
const picture = () => page.evaluate(() => [...document.querySelectorAll(".widget-output img, .jupyter-widgets-output-area img")].map(i => i.src).find(s => s.startsWith("data:image/png")));
const redrawn = async before => {
  for (let i = 0; i < 1000; i++) {
    const now = await picture();
    if (now && now !== before) return now;
    await sleep(50);
  }
  throw new Error("the picture is the same");
};
// handle is the part of a slider that is moved, by the slider's label.
const handle = label => page.locator(".widget-slider, .widget-hslider", { hasText: label }).first().locator(".noUi-handle");

try {
  await step("opens", () => client.open(name));
  await step("a slider is moved, Go is called, a text changes", async () => {
    await client.run(0);
    await client.idle();
    await handle("degree").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await shows(".said", "degree 5");
  });
  await step("a button is clicked; the output of the function is its cell's", async () => {
    await client.run(1);
    await client.idle();
    await page.locator("button", { hasText: "Press" }).click();
    await shows("button", "pressed 1");
    await page.locator("button", { hasText: "pressed 1" }).click();
    await shows("button", "pressed 2");
    await client.shows(1, "click 2");
  });
  await step("a function draws anew as its sliders move", async () => {
    await client.run(2);
    await client.idle();
    let drawn = await redrawn();
    await handle("waves").focus();
    await page.keyboard.press("ArrowLeft");
    drawn = await redrawn(drawn);
    await page.locator(".widget-dropdown select").first().selectOption("square");
    drawn = await redrawn(drawn);
    await shot("interact");
    await page.locator(".widget-dropdown select").first().selectOption("none");
    await shows(".widget-output, .jupyter-widgets-output-area", "there is nothing to draw");
    await page.locator(".widget-dropdown select").first().selectOption("sine");
    await redrawn(drawn);
  });
  await step("values are read and set in another cell", async () => {
    await client.run(3);
    await client.shows(3, "degree is 5 after 2 clicks");
    await shows(".said", "degree 9");
    await shows(".widget-readout", "9");
  });
  await step("what a function prints goes to the cell that has made its widget", async () => {
    await page.locator("button", { hasText: "pressed 2" }).click();
    await client.shows(1, "click 3");
    assert.equal(await client.text(3), "degree is 5 after 2 clicks\n");
  });
  await step("all widgets are drawn", async () => {
    await client.run(4);
    await client.idle();
    await page.locator(".widget-text input").first().waitFor();
    await page.locator(".widget-text input").first().fill("changed");
    await shot("input");
    await page.locator(".lm-TabBar-tab, .p-TabBar-tab", { hasText: "more" }).last().click();
    await handle("rate").waitFor();
    await shot("more");
    await page.locator(".lm-TabBar-tab, .p-TabBar-tab", { hasText: "output" }).last().click();
    await shows(".widget-output, .jupyter-widgets-output-area", "line: changed");
    await shows(".widget-output, .jupyter-widgets-output-area", "text of the output");
    await shot("output");
  });
  await step("a page that is loaded again finds the widgets", async () => {
    await client.save();
    await client.open(name);
    await shows("button", "pressed 3");
    await page.locator("button", { hasText: "pressed 3" }).click();
    await shows("button", "pressed 4");
    const drawn = await redrawn();
    await handle("waves").focus();
    await page.keyboard.press("ArrowRight");
    await redrawn(drawn);
  });
  await step("their states are saved in the notebook", async () => {
    await client.save();
    const saved = JSON.parse(fs.readFileSync(path.join(options.notebooks, name)));
    const states = Object.values(saved.metadata.widgets["application/vnd.jupyter.widget-state+json"].state);
    assert(states.some(s => s.model_name === "ButtonModel" && s.state.description === "pressed 4"));
    assert(states.some(s => s.model_name === "ImageModel" && s.buffers?.length === 1));
  });
  await step("without their kernel they are drawn as they were", async () => {
    await client.stop();
    await client.open(name);
    await shows("button", "pressed 4");
    await shows(".said", "degree 9");
    await redrawn();
    await shot("reopened");
  });
  await step("the page has nothing to complain of", async () => assert.deepEqual(complaints, []));
  await client.stop().catch(() => {});
} finally {
  await close();
}
if (step.failed) console.log(logged.slice(-40).join("\n"));
process.exit(step.failed ? 1 : 0);
