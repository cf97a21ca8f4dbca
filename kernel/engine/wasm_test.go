package engine

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/toolchain"
)

func TestProgramForTheBrowser(t *testing.T) {
	root := t.TempDir()
	e, err := New(Config{Home: prepared(t, "libraries", toolchain.Libraries()), Dir: t.TempDir(), JupyterRoot: root, KernelID: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			e.Close()
		}
	}()
	folder := filepath.Join(root, "jupyter_files", "k1")
	checkSession(t, e, []measured{
		{"type celsius float64\nfunc (c celsius) String() string { return fmt.Sprintf(\"%.1f °C\", float64(c)) }\nfunc warm(c celsius) string { return strings.ToUpper(c.String()) }\nvar kept = 3", ""},
		{"%wasm\n!echo $GONB_WASM_DIR $GONB_WASM_URL", folder + ` /files/jupyter_files/k1\n`},
		{"%wasm\nimport \"syscall/js\"\nvar who = flag.String(\"who\", \"\", \"\")\n%% -who=\"a b\"\ndoc := js.Global().Get(\"document\")\ndoc.Call(\"getElementById\", GonbWasmDivId).Set(\"textContent\", warm(20)+*who)\nlen(*who)", `\+ a program for the browser\n`},
		{"%wasm\n%%\nfmt.Println(kept)", `error CompileError: kept is a variable of the session: a program in the browser does not have its value\n`},
		{"%wasm\n%%\nfmt.Println(1)\nnothing()", `error CompileError: undefined: nothing\n`},
		{"%wasm\nfunc lonely() {}", `error CompileError: there is nothing to run: put statements behind %%, or declare func main\n`},
		{"kept", `= 3\n`},
	})
	program, err := os.ReadFile(filepath.Join(folder, "gonb_cell_3.wasm"))
	if err != nil || !bytes.HasPrefix(program, []byte("\x00asm")) {
		t.Errorf("no program: %v, %.10q", err, program)
	}
	if script, err := os.ReadFile(filepath.Join(folder, "wasm_exec.js")); err != nil || !bytes.Contains(script, []byte("globalThis.Go")) {
		t.Errorf("no script: %v", err)
	}
	out := &record{}
	if err := e.Execute(context.Background(), Request{Code: "%wasm\n%% -n 1\nfmt.Println(os.Args)", Cell: 9}, out); err != nil {
		t.Fatal(err)
	}
	page, _ := out.displays[0].Data["text/html"].(string)
	script, _ := out.displays[1].Data["text/javascript"].(string)
	if !strings.HasPrefix(page, `<div id="gonb_id_`) || !strings.Contains(script, `go.argv = ["js","-n","1"]`) || !strings.Contains(script, `"files/jupyter_files/k1/gonb_cell_9.wasm?gonb_id_`) {
		t.Errorf("%s\n%s", page, script)
	}
	closed = true
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(folder)); !os.IsNotExist(err) {
		t.Errorf("the folder stays: %v", err)
	}
}
