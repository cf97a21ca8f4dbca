// The two front ends, driven alike: open, run, outputs, interrupt, restart.
import { chromium } from "playwright-core";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

// launch starts a browser with a profile of its own.
export async function launch(executable) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "modelbook-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable, headless: true, ignoreHTTPSErrors: true, viewport: { width: 1000, height: 900 },
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
  async ready(cell, wanted) { await this.run(cell); return this.shows(cell, wanted); }
}

// Classic is the Notebook up to version 6.
export class Classic extends Client {
  async open(notebook) {
    await this.page.goto(`${this.url}notebooks/${notebook}`);
    await this.page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.info_reply?.status === "ok");
  }
  run(cell) { return this.page.evaluate(i => Jupyter.notebook.execute_cells([i]), cell); }
  outputs(cell) { return this.page.evaluate(i => Jupyter.notebook.get_cell(i).output_area.toJSON(), cell); }
  idle() { return this.page.waitForFunction(() => !Jupyter.notebook.kernel_busy && !document.querySelector(".cell.running")); }
  interrupt() { return this.page.evaluate(() => Jupyter.notebook.kernel.interrupt()); }
  async restart() {
    await this.page.evaluate(() => new Promise((resolve, reject) => Jupyter.notebook.kernel.restart(resolve, reject)));
    await this.page.waitForFunction(() => Jupyter.notebook.kernel.is_connected());
  }
  async stop() { await this.page.evaluate(() => Jupyter.notebook.session.delete()); }
}

// Lab is a page of JupyterLab's notebook.
export class Lab extends Client {
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
}
