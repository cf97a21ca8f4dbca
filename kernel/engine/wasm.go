package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"modelbook/kernel/build"
	"modelbook/kernel/cell"
	"modelbook/kernel/session"
)

// wasmFolder is the folder in the server's own from which it serves the
// programs of %wasm cells, as in GoNB.
const wasmFolder = "jupyter_files"

// wasm says that the cell is a program for the browser. The folder and the
// address at which it is served are known to shell commands from here on.
func (r *commandRun) wasmCell(cmd cell.Command) error {
	if len(cmd.Args) > 0 {
		return r.usage(cmd, "%wasm")
	}
	if r.cell.Test != nil {
		return r.fail(cmd, "UsageError", "%%wasm and %%test do not go together: tests run in the process of the cells")
	}
	if err := r.PrepareWasm(); err != nil {
		return r.fail(cmd, "WasmError", "%v", err)
	}
	r.wasm = true
	return nil
}

// PrepareWasm makes the folder from which the server serves programs.
func (e *Engine) PrepareWasm() error {
	if e.wasmDir != "" {
		return nil
	}
	if e.cfg.JupyterRoot == "" {
		return errors.New("a program for the browser needs a Jupyter server that serves it, and the folder of that server is not known (GONB_JUPYTER_ROOT)")
	}
	id := e.cfg.KernelID
	if id == "" {
		b := make([]byte, 4)
		rand.Read(b)
		id = hex.EncodeToString(b)
	}
	dir := filepath.Join(e.cfg.JupyterRoot, wasmFolder, id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	script, err := os.ReadFile(e.builder.WasmScript())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "wasm_exec.js"), script, 0o644)
	}
	if err != nil {
		return err
	}
	e.wasmDir = dir
	return errors.Join(e.SetEnv("GONB_WASM_DIR", dir), e.SetEnv("GONB_WASM_URL", e.wasmURL()))
}

// wasmURL is the address of the folder, below the server's base.
func (e *Engine) wasmURL() string { return "/files/" + wasmFolder + "/" + filepath.Base(e.wasmDir) }

// removeWasm removes the folder.
func (e *Engine) removeWasm() {
	if e.wasmDir != "" {
		os.RemoveAll(e.wasmDir)
		os.Remove(filepath.Dir(e.wasmDir)) // when it is empty
	}
}

// runWasm compiles a cell for the browser and shows what runs it there. What
// the cell declares is the program's alone.
func (e *Engine) runWasm(ctx context.Context, c session.Cell, args []string, out Sink) error {
	b := make([]byte, 4)
	rand.Read(b)
	div := "gonb_id_" + hex.EncodeToString(b)
	text, err := e.session.Standalone(c, map[string]string{"GonbWasmDir": e.wasmDir, "GonbWasmUrl": e.wasmURL(), "GonbWasmDivId": div})
	if bad := new(session.Error); errors.As(err, &bad) {
		return e.sources.compileError(bad.Messages)
	}
	if err != nil {
		return err
	}
	name := fmt.Sprintf("gonb_cell_%d.wasm", c.Number)
	err = e.builder.Wasm(ctx, text, filepath.Join(e.wasmDir, name), e.autoGet, func(text string) { out.Stream("stderr", text) })
	if bad := new(build.CompileError); errors.As(err, &bad) {
		return e.sources.compilerOutput(bad)
	}
	if err != nil {
		return err
	}
	argv, err := json.Marshal(append([]string{"js"}, args...))
	if err != nil {
		return err
	}
	url := strings.TrimPrefix(e.wasmURL(), "/") + "/"
	script := strings.NewReplacer("DIV", div, "ARGV", string(argv), "EXEC", url+"wasm_exec.js", "PROGRAM", url+name+"?"+div).Replace(wasmScript)
	out.Display(Display{Data: map[string]any{"text/html": `<div id="` + div + `"></div>`, "text/plain": "a program for the browser"}})
	out.Display(Display{Data: map[string]any{"text/javascript": script, "text/plain": ""}})
	return nil
}

// wasmScript loads a program from the server, whose base address only the page
// knows, and runs it.
const wasmScript = `(() => {
	let base = document.body?.dataset?.baseUrl || "/";
	const config = document.getElementById("jupyter-config-data");
	if (config) {
		try { base = JSON.parse(config.textContent).baseUrl || base; } catch (e) {}
	}
	const run = async () => {
		const go = new globalThis.Go();
		go.argv = ARGV;
		const response = await fetch(base + "PROGRAM");
		if (!response.ok) {
			throw new Error(response.status + " " + response.statusText + ": " + response.url);
		}
		const program = await WebAssembly.instantiate(await response.arrayBuffer(), go.importObject);
		await go.run(program.instance);
	};
	const failed = (e) => { document.getElementById("DIV").textContent = "%wasm: " + e; };
	if (globalThis.Go) {
		run().catch(failed);
		return;
	}
	const exec = document.createElement("script");
	exec.src = base + "EXEC";
	exec.onload = () => run().catch(failed);
	exec.onerror = () => failed("the server does not serve " + exec.src);
	document.head.appendChild(exec);
})();
`
