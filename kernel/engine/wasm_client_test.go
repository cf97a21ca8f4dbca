//go:build client

package engine

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"modelbook/kernel/toolchain"
)

// TestClientProgramForTheBrowserRuns runs the program of a %wasm cell outside
// of a browser, in Node.js.
func TestClientProgramForTheBrowserRuns(t *testing.T) {
	root := t.TempDir()
	e, err := New(Config{Home: prepared(t, "libraries", toolchain.Libraries()), Dir: t.TempDir(), JupyterRoot: root, KernelID: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for i, code := range []string{
		"type pair struct{ A, B int }\nfunc (p pair) sum() int { return p.A + p.B }\nfunc total(p pair) int { return p.sum() }",
		"%wasm\nvar n = flag.Int(\"n\", 0, \"\")\nfunc init_greeting() { fmt.Println(\"hello\") }\n%% -n 5\nfmt.Println(total(pair{*n, 2}), GonbWasmUrl)\nlen(\"abc\")",
	} {
		if err := e.Execute(context.Background(), Request{Code: code, Cell: i + 1}, &record{}); err != nil {
			t.Fatal(err)
		}
	}
	runner := filepath.Join(filepath.Dir(e.module.WasmScript()), "wasm_exec_node.js")
	out, err := exec.Command("node", runner, filepath.Join(root, "jupyter_files", "k1", "gonb_cell_2.wasm"), "-n", "5").CombinedOutput()
	if want := "hello\n7 /files/jupyter_files/k1\n3\n"; err != nil || string(out) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}
