// The front ends, driven alike: open, run, outputs, interrupt, restart.
import { chromium } from "playwright-core";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

// launch starts a browser with a profile of its own.
export async function launch(executable, more = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "modelbook-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable, headless: true, ignoreHTTPSErrors: true, viewport: { width: 1000, height: 900 }, ...more,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--ignore-certificate-errors"],
  });
  context.setDefaultTimeout(60_000);
  return { context, close: async () => { await context.close(); fs.rmSync(profile, { recursive: true, force: true }); } };
}

// text is what outputs show, in order.
const text = outputs => outputs.map(o =>
  o.output_type === "error" ? `${o.ename}: ${o.evalue}` : [o.text ?? o.data?.["text/plain"] ?? ""].flat().join("")).join("");

class Client {
  constructor(page, url) { this.page = page; this.url = url; }
  // text waits until a cell's outputs contain what is wanted, and returns all they show.
  async shows(cell, wanted) {
    const start = Date.now();
    for (;;) {
      const shown = text(await this.outputs(cell));
      if (shown.includes(wanted)) return shown;
      if (Date.now() - start > 60_000) throw new Error(`cell ${cell} shows ${JSON.stringify(shown)}, not ${JSON.stringify(wanted)}`);
      await sleep(50);
    }
  }
  async text(cell) { return text(await this.outputs(cell)); }
  async ready(cell, wanted) { await this.run(cell); return this.shows(cell, wanted); }
}

// Classic is the Notebook up to version 6.
class Classic extends Client {
  async open(notebook) {
    await this.page.goto(`${this.url}notebooks/${notebook}`);
    await this.page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.info_reply?.status === "ok");
  }
  run(cell) { return this.page.evaluate(i => Jupyter.notebook.execute_cells([i]), cell); }
  outputs(cell) { return this.page.evaluate(i => Jupyter.notebook.get_cell(i).output_area.toJSON(), cell); }
  idle(timeout) { return this.page.waitForFunction(() => !Jupyter.notebook.kernel_busy && !document.querySelector(".cell.running"), null, { timeout }); }
  interrupt() { return this.page.evaluate(() => Jupyter.notebook.kernel.interrupt()); }
  async restart() {
    await this.page.evaluate(() => new Promise((resolve, reject) => Jupyter.notebook.kernel.restart(resolve, reject)));
    await this.page.waitForFunction(() => Jupyter.notebook.kernel.is_connected());
  }
  async stop() { await this.page.evaluate(() => Jupyter.notebook.session.delete()); }
  // save saves the notebook with the states of its widgets.
  save() {
    return this.page.evaluate(() => new Promise(resolve => {
      Jupyter.notebook.events.one("notebook_saved.Notebook", resolve);
      Jupyter.menubar.actions.get("widgets:save-with-widgets").handler();
    }));
  }
  // viewer makes the page answer those who open a comm to this target, as extensions do.
  viewer() {
    return this.page.evaluate(() => Jupyter.notebook.kernel.comm_manager.register_target("viewer",
      (comm, message) => { comm.send(`got ${message.content.data.rows} rows`); }));
  }
  // height is that of the whole notebook with what is around it; areas selects what its cells show.
  height() { return this.page.evaluate(() => document.querySelector("#notebook-container").scrollHeight + 220); }
  get areas() { return "#notebook .output_subarea"; }
  reveal(cell) { return this.page.evaluate(i => Jupyter.notebook.get_cell(i).element[0].scrollIntoView(), cell); }
  // echo opens a comm to the kernel's target echo, sends data, closes it when something comes back, and returns that.
  echo(data) {
    return this.page.evaluate(data => new Promise(resolve => {
      const comm = Jupyter.notebook.kernel.comm_manager.new_comm("echo", {});
      comm.on_msg(m => { comm.close(); resolve(m.content.data); });
      comm.send(data);
    }), data);
  }
}

// Lab is a page of JupyterLab's notebook.
class Lab extends Client {
  constructor(page, url, query = "") { super(page, url); this.query = query; }
  async open(notebook) {
    await this.page.goto(`${this.url}static/lab.html?path=${notebook}${this.query}`);
    await this.page.waitForFunction(() => window.lab);
    await this.page.evaluate(() => lab.ready);
    await this.page.waitForFunction(() => lab.panel.sessionContext.session?.kernel?.connectionStatus === "connected");
  }
  run(cell) {
    return this.page.evaluate(i => {
      lab.panel.content.activeCellIndex = i;
      void lab.NotebookActions.run(lab.panel.content, lab.panel.sessionContext);
    }, cell);
  }
  outputs(cell) { return this.page.evaluate(i => lab.panel.content.widgets[i].model.toJSON().outputs, cell); }
  idle() {
    return this.page.waitForFunction(() => lab.panel.sessionContext.session.kernel.status === "idle" &&
      lab.panel.content.widgets.every(c => c.model.executionState !== "running"));
  }
  interrupt() { return this.page.evaluate(() => lab.panel.sessionContext.session.kernel.interrupt()); }
  async restart() { await this.page.evaluate(() => lab.panel.sessionContext.session.kernel.restart()); }
  async stop() { await this.page.evaluate(() => lab.panel.sessionContext.shutdown()); }
  save() { return this.page.evaluate(() => lab.panel.context.save()); }
  viewer() {
    return this.page.evaluate(() => lab.panel.sessionContext.session.kernel.registerCommTarget("viewer",
      (comm, message) => { comm.send(`got ${message.content.data.rows} rows`); }));
  }
  echo(data) {
    return this.page.evaluate(data => new Promise(resolve => {
      const comm = lab.panel.sessionContext.session.kernel.createComm("echo");
      comm.onMsg = m => { comm.close(); resolve(m.content.data); };
      comm.open({});
      comm.send(data);
    }), data);
  }
}

// Complete is the whole JupyterLab, started with --expose-app-in-browser.
class Complete extends Client {
  async open(notebook) {
    await this.page.goto(`${this.url}lab/tree/${notebook}?reset`);
    await this.page.waitForFunction(() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === "connected");
    await this.page.evaluate(async () => {
      await jupyterapp.restored;
      window.panel = jupyterapp.shell.currentWidget;
      await panel.revealed;
      jupyterapp.shell.collapseLeft();
      jupyterapp.shell.collapseRight();
    });
  }
  run(cell) {
    return this.page.evaluate(i => {
      panel.content.deselectAll();
      panel.content.activeCellIndex = i;
      void jupyterapp.commands.execute("notebook:run-cell");
    }, cell);
  }
  outputs(cell) { return this.page.evaluate(i => panel.content.widgets[i].model.toJSON().outputs ?? [], cell); }
  idle(timeout) {
    return this.page.waitForFunction(() => panel.sessionContext.session.kernel.status === "idle" &&
      ![...panel.node.querySelectorAll(".jp-InputArea-prompt")].some(e => e.textContent.includes("*")), null, { timeout });
  }
  async stop() { await this.page.evaluate(() => panel.sessionContext.shutdown()); }
  save() { return this.page.evaluate(() => panel.context.save()); }
  async theme(name) {
    await this.page.evaluate(name => jupyterapp.commands.execute("apputils:change-theme", { theme: `JupyterLab ${name}` }), name);
    // Its style sheets arrive later; meanwhile nothing has a size.
    await this.page.waitForFunction(name => document.body.dataset.jpThemeName?.endsWith(name) && panel.content.node.offsetHeight > 100, name);
    await sleep(500);
  }
  height() {
    return this.page.evaluate(() => {
      const cells = [...panel.content.node.querySelectorAll(".jp-Cell")].map(e => e.getBoundingClientRect());
      return Math.ceil(Math.max(...cells.map(c => c.bottom)) - Math.min(...cells.map(c => c.top))) + 300;
    });
  }
  get areas() { return ".jp-Notebook .jp-OutputArea-output"; }
  reveal(cell) { return this.page.evaluate(i => panel.content.widgets[i].node.scrollIntoView(), cell); }
}

// write makes a notebook of Go cells in the server's folder.
export function write(options, name, sources) {
  fs.writeFileSync(path.join(options.notebooks, name), JSON.stringify({
    nbformat: 4, nbformat_minor: 5,
    metadata: { kernelspec: { name: "modelbook", display_name: "Go (modelbook)", language: "go" }, language_info: { name: "go" } },
    cells: sources.map((source, i) => ({ cell_type: "code", id: `cell-${i}`, execution_count: null, metadata: {}, outputs: [], source })),
  }));
}

// start opens a browser for the client that the options name.
export async function start(options) {
  const { context, close } = await launch(options.chromium);
  const page = context.pages()[0] ?? await context.newPage();
  const complaints = [], logged = []; // the page's errors and ours; all of its console
  page.on("pageerror", e => complaints.push(`page error: ${e}`));
  page.on("console", m => { logged.push(m.text()); if (m.text().startsWith("gonb_comm")) complaints.push(m.text()); });
  // There is no network in a test: the library that gonbui/plotly names comes from a file.
  await context.route("https://cdn.plot.ly/**", route => route.fulfill({ path: options.plotly, contentType: "text/javascript" }));
  await page.goto(`${options.url}${options.client === "complete" ? "lab" : "tree"}?token=${options.token}`); // leaves a cookie
  const client = options.client === "classic" ? new Classic(page, options.url) : options.client === "complete" ? new Complete(page, options.url) :
    new Lab(page, options.url, options.client === "exposed" ? "&expose" : "");
  return { page, client, complaints, logged, close };
}

// steps returns a function that takes a step and tells its outcome in a line.
export function steps(page, options) {
  return async function step(what, act) {
    const begun = Date.now();
    try {
      await act();
      console.log(`ok ${what} (${Date.now() - begun} ms)`);
    } catch (error) {
      step.failed = true;
      console.log(`not ok ${what}: ${String(error.stack ?? error).split("\n").slice(0, 6).join(" | ")}`);
      if (options.shots) await page.screenshot({ path: path.join(options.shots, `${options.client}-failed.png`) });
    }
  };
}
