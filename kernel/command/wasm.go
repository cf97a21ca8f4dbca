package command

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
)

// wasmFolder is the folder of the Jupyter server's files in which the programs
// of %wasm cells are, as in GoNB.
const wasmFolder = "jupyter_files"

// wasm makes the cell a program for the browser. The folder and the address at
// which it is served are known to shell commands from here on.
func (r *Run) wasm(c Call) error {
	if r.cell.Test != nil {
		return r.fail(c.Command, "UsageError", "%%wasm and %%test do not go together: tests do not run in the browser")
	}
	if err := r.serveWasm(); err != nil {
		return r.fail(c.Command, "WasmError", "%v", err)
	}
	r.Instead = r.runWasm
	return nil
}

// serveWasm makes the folder from which the server serves programs.
func (r *Run) serveWasm() error {
	if r.set.wasmDir == "" {
		root, id := r.getenv("GONB_JUPYTER_ROOT"), r.getenv("GONB_JUPYTER_KERNEL_ID")
		if root == "" {
			return errors.New("a program for the browser needs a Jupyter server that serves it, and the folder of that server is not known (GONB_JUPYTER_ROOT)")
		}
		if id == "" {
			id = randomID()
		}
		dir := filepath.Join(root, wasmFolder, id)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		script, err := os.ReadFile(r.WasmScript())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "wasm_exec.js"), script, 0o644)
		}
		if err != nil {
			return err
		}
		r.set.wasmDir = dir
	}
	return errors.Join(r.SetEnv("GONB_WASM_DIR", r.set.wasmDir), r.SetEnv("GONB_WASM_URL", r.set.wasmURL()))
}

func randomID() string {
	b := make([]byte, 4)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// wasmURL is the address of the folder, below the server's base.
func (s *Set) wasmURL() string { return "/files/" + wasmFolder + "/" + filepath.Base(s.wasmDir) }

// removeWasm removes the folder.
func (s *Set) removeWasm() {
	if s.wasmDir != "" {
		os.RemoveAll(s.wasmDir)
		os.Remove(filepath.Dir(s.wasmDir)) // when it is empty
	}
}

// runWasm compiles the cell for the browser and shows what runs it there. What
// the cell declares is the program's alone.
func (r *Run) runWasm(ctx context.Context) error {
	div, dir, url := "gonb_id_"+randomID(), r.set.wasmDir, r.set.wasmURL()
	name := fmt.Sprintf("gonb_cell_%d.wasm", r.cell.Number)
	consts := map[string]string{"GonbWasmDir": dir, "GonbWasmUrl": url, "GonbWasmDivId": div}
	if err := r.BuildWasm(ctx, r.cell, consts, filepath.Join(dir, name), r.out); err != nil {
		return err
	}
	argv, err := json.Marshal(append([]string{"js"}, r.cell.Args...))
	if err != nil {
		return err
	}
	path := strings.TrimPrefix(url, "/") + "/"
	script := strings.NewReplacer("DIV", div, "ARGV", string(argv), "EXEC", path+"wasm_exec.js", "PROGRAM", path+name+"?"+div).Replace(wasmScript)
	r.display(map[string]any{"text/html": `<div id="` + div + `"></div>`, "text/plain": "a program for the browser"})
	r.display(map[string]any{"text/javascript": script, "text/plain": ""})
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
