// Drives gonbui's widgets in a real browser and tells the outcome of each step
// in a line. Its argument is a JSON object: client ("classic", "lab" or
// "exposed"), url, token, notebooks (the server's folder), chromium, plotly
// (the library's file), help (%help's cell with a script), shots (a folder for
// pictures, or "").
import assert from "node:assert/strict";
import path from "node:path";
import { sleep, start, steps, write } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);
const name = `${options.client}.ipynb`;
const cells = [
  /* 0 */ `root := dom.CreateTransientDiv()
button := widgets.Button("Press").WithHtmlId("button").AppendTo(root).Done()
slider := widgets.Slider(0, 100, 50).WithHtmlId("slider").AppendTo(root).Done()
choice := widgets.Select([]string{"red", "green", "blue"}).SetDefault(1).WithHtmlId("choice").AppendTo(root).Done()
dom.Append(root, "<p id='said'>nothing</p>")
clicks, moves, choices := button.Listen(), slider.Listen(), choice.Listen()
fmt.Println("ready", slider.Value(), choice.Value())`,
  /* 1 */ `fmt.Println("clicked", <-clicks.C)
fmt.Println("clicked", <-clicks.C)
fmt.Println("moved", <-moves.C)
fmt.Println("chose", <-choices.C)
dom.SetInnerText("said", "it's <done>")
fmt.Println("read", dom.GetInnerHtml("said"))`,
  /* 2 */ `slider.SetValue(0)
choice.SetValue(2)
go func() {
	for n := range clicks.C {
		dom.SetInnerText("said", fmt.Sprint("click ", n))
	}
}()
fmt.Println("listening")`,
  /* 3 */ `fmt.Println("value", slider.Value())`,
  /* 4 */ `fmt.Println("waiting")
<-choices.C
<-choices.C`,
  /* 5 */ `if err := plotly.DisplayFigAsJSON([]byte(\`{"data":[{"type":"bar","y":[1,3,2]}],"layout":{"title":{"text":"Bars of Go"},"width":500,"height":300}}\`)); err != nil {
	panic(err)
}
fmt.Println("drawn")`,
  /* 6 */ `comms.Start()
gonbui.DisplayHTML(\`<script>
gonb_comm.newSyncedVariable("/position", {x: 1.5, y: 2});
gonb_comm.subscribe("/ask", (address, value) => gonb_comm.send("/answer", [value.a, value.a + 1]));
gonb_comm.subscribe("/zero", (address, value) => gonb_comm.send("/got", "got " + JSON.stringify(value)));
</script>\`)
got := comms.Listen[string]("/got")
answers := comms.Listen[[]float64]("/answer")
comms.Send("/ask", map[string]int{"a": 41})
fmt.Println("answer", <-answers.C)
comms.Send("/zero", 0)
fmt.Println(<-got.C)
fmt.Println("position", comms.ReadValue[map[string]float64]("/position"))
dom.Persist(func() string { id := dom.CreateTransientDiv(); dom.Append(id, "<b>kept</b>"); return id }())`,
  /* 7 */ `%widgets
%widgets_hb
fmt.Println("values", len(moves.C))`,
  /* 8 */ `for i := range 20 { gonbui.UpdateHTML("counter", fmt.Sprintf("<i id='counter'>count %d</i>", i)) }`,
  /* 9 */ `plots := dom.CreateTransientDiv()
if err := plotly.AppendFigAsJSON(plots, []byte(\`{"data":[{"y":[2,1,4]}],"layout":{"width":500,"height":300}}\`)); err != nil {
	panic(err)
}
fmt.Println("appended")`,
  /* 10 */ `ended := make(chan string, 1)
comm.Handle("echo", func(c *comm.Comm, data json.RawMessage) {
	c.OnMessage(func(m json.RawMessage) { c.Send("echo of " + string(m)) })
	c.OnClose(func(json.RawMessage) { ended <- "is closed" })
})
shown := make(chan string, 1)
viewer := comm.Open("viewer", map[string]int{"rows": 3})
viewer.OnMessage(func(m json.RawMessage) { shown <- string(m) })
fmt.Println("viewer", <-shown)`,
  /* 11 */ `fmt.Println("echo", <-ended)
nowhere := comm.Open("nowhere", nil)
time.Sleep(200 * time.Millisecond) // what the page does meanwhile is not lost
nowhere.OnClose(func(json.RawMessage) { ended <- "is closed" })
fmt.Println("nowhere", <-ended)`,
  /* 12 */ options.help,
];
write(options, name, cells);

const { page, client, complaints, logged, close } = await start(options);
const step = steps(page, options);
const shot = async what => { if (options.shots) await page.screenshot({ path: path.join(options.shots, `${options.client}-${what}.png`) }); };
const content = (selector, wanted) => page.waitForFunction(([s, w]) => document.querySelector(s)?.textContent === w, [selector, wanted]);
const widgets = async () => {
  await client.ready(0, "ready 50 1");
  await page.waitForSelector("#said");
};

try {
  await step("opens", () => client.open(name));
  await step("makes widgets", async () => { await widgets(); await client.idle(); });
  await step("button, slider and select reach the program in a later cell", async () => {
    await client.run(1);
    await page.click("#button");
    await client.shows(1, "clicked 1"); // gonbui keeps no order among values that come at once
    await page.click("#button");
    await client.shows(1, "clicked 2");
    await page.fill("#slider", "73");
    await client.shows(1, "moved 73");
    await page.selectOption("#choice", { label: "blue" });
    await client.shows(1, "chose 2");
    await client.shows(1, "read it's &lt;done&gt;");
    await content("#said", "it's <done>");
    await shot("widgets");
  });
  await step("values set by the program reach the page", async () => {
    await client.ready(2, "listening");
    await page.waitForFunction(() => document.querySelector("#slider").value === "0" && document.querySelector("#choice").value === "2");
    await client.idle();
  });
  await step("a goroutine answers clicks between cells", async () => {
    await page.click("#button");
    await content("#said", "click 3");
    await page.click("#button");
    await content("#said", "click 4");
  });
  await step("a slider's value is known to later cells", async () => {
    await page.fill("#slider", "12");
    for (let left = 20; (await client.ready(3, "value ")) !== "value 12\n" && left > 0; left--) await sleep(100);
    await client.shows(3, "value 12");
  });
  await step("an interrupt ends waiting for a widget", async () => {
    await client.ready(4, "waiting");
    await client.interrupt();
    await client.shows(4, "Interrupted");
    await client.idle();
    await client.ready(3, "value 12");
  });
  await step("plotly draws", async () => {
    await client.ready(5, "drawn");
    const drawn = n => page.waitForFunction(n => [...document.querySelectorAll(".js-plotly-plot")].filter(p => p.querySelector(".barlayer path, .scatterlayer path")).length === n, n);
    await drawn(1);
    await page.waitForFunction(() => [...document.querySelectorAll("svg.main-svg text")].some(t => t.textContent === "Bars of Go"));
    await client.ready(9, "appended");
    await drawn(2);
    await page.evaluate(() => document.querySelector(".js-plotly-plot").scrollIntoView());
    await shot("plotly");
  });
  await step("scripts of the user exchange values of all kinds", async () => {
    const shown = await client.ready(6, "position");
    assert.match(shown, /answer \[41 42\]\ngot 0\nposition map\[x:1.5 y:2\]\n/);
    await client.shows(6, "kept");
  });
  await step("%widgets and %widgets_hb", async () => {
    await client.ready(7, "values");
    await client.shows(7, "Heartbeat pong received back.");
  });
  await step("comms of cells and of the front end's own code", async () => {
    await client.viewer();
    assert.match(await client.ready(10, "viewer"), /"got 3 rows"/);
    assert.equal(await client.echo("hi"), 'echo of "hi"'); // while no cell runs
    await client.ready(11, "echo is closed");
    if (options.client !== "classic") return client.shows(11, "nowhere is closed");
    // The classic Notebook does not close what it has no target for; it only says so in its console.
    while (!logged.some(text => text.includes("Could not open comm"))) await sleep(50);
    await sleep(300);
    assert.doesNotMatch(await client.text(11), /nowhere/);
    await client.interrupt();
    await client.shows(11, "Interrupted");
  });
  await step("comms of a cell's own script, as %help has it", async () => {
    await client.run(12);
    await page.click("#ask");
    await content("#ask", "49");
    await client.run(12); // again, with a comm of the same target open
    await content("#ask", "7 squared?");
    await page.click("#ask");
    await content("#ask", "49");
  });
  await step("updates arrive", async () => {
    await client.run(8);
    await content("#counter", "count 19");
  });
  await step("no script stays in the outputs", async () => {
    await client.idle();
    await sleep(300);
    for (let i = 0; i < cells.length; i++) {
      for (const output of await client.outputs(i)) {
        const html = [output.data?.["text/html"] ?? ""].flat().join("");
        assert([5, 6, 12].includes(i) || !html.includes("<script"), `cell ${i}: ${html.slice(0, 80)}`);
        assert(!html.includes("modelbook_connections"), `cell ${i} keeps the script that connects`);
      }
    }
  });
  await step("after a reload of the page", async () => {
    page.once("dialog", d => d.accept());
    await page.reload();
    await client.open(name);
    await widgets();
    await client.run(1);
    await page.click("#button");
    await client.shows(1, "clicked 1");
    await page.click("#button");
    await client.shows(1, "clicked 2");
    await client.interrupt();
    await client.idle();
  });
  await step("after a restart of the kernel", async () => {
    await client.restart();
    await widgets();
    await client.run(1);
    await page.click("#button");
    await client.shows(1, "clicked 1");
    await page.click("#button");
    await client.shows(1, "clicked 2");
    await client.interrupt();
    await client.idle();
  });
  await step("the page has nothing to complain of", async () => assert.deepEqual(complaints, []));
  await client.stop().catch(() => {});
} finally {
  await close();
}
process.exit(step.failed ? 1 : 0);
