package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/toolchain"
)

// isolated gives a test folders of its own for everything a user has.
func isolated(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, env := range []string{"JUPYTER_PATH", "JUPYTER_DATA_DIR", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX", "MODELBOOK_HOME"} {
		t.Setenv(env, "")
	}
	t.Setenv("HOME", dir)
	return dir
}

func TestKernelFolder(t *testing.T) {
	home := isolated(t)
	for _, c := range []struct {
		env, value string
		sys        bool
		prefix     string
		want       string
	}{
		{want: home + "/.local/share/jupyter"},
		{env: "XDG_DATA_HOME", value: "/data", want: "/data/jupyter"},
		{env: "JUPYTER_DATA_DIR", value: "/jupyter", want: "/jupyter"},
		{prefix: "/opt/x", want: "/opt/x/share/jupyter"},
		{env: "VIRTUAL_ENV", value: "/venv", sys: true, want: "/venv/share/jupyter"},
		{env: "CONDA_PREFIX", value: "/conda", sys: true, want: "/conda/share/jupyter"},
	} {
		if c.env != "" {
			t.Setenv(c.env, c.value)
		}
		if got, err := kernelFolder(c.sys, c.prefix); got != c.want || err != nil {
			t.Errorf("%+v: got %s, %v", c, got, err)
		}
		if c.env != "" {
			t.Setenv(c.env, "")
		}
	}
}

func TestKernelspecIsFoundAgain(t *testing.T) {
	dir := isolated(t)
	if _, err := findKernelspec(); err == nil {
		t.Error("a kernelspec is found where there is none")
	}
	program := filepath.Join(dir, "installed", "bin", "modelbook")
	if err := installProgram(program); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(program); err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("the program: %v, %v", st, err)
	}
	spec := filepath.Join(userJupyter(), "kernels", "modelbook")
	for range 2 { // installing again is no error
		if err := writeKernelspec(spec, program); err != nil {
			t.Fatal(err)
		}
	}
	got, err := findKernelspec()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Argv, []string{program, "kernel", "{connection_file}"}) || got.DisplayName != "Go (modelbook)" || got.InterruptMode != "message" || got.Language != "go" {
		t.Errorf("got %+v", got)
	}
	for _, name := range []string{"logo-64x64.png", "logo-svg.svg"} {
		if _, err := os.Stat(filepath.Join(spec, name)); err != nil {
			t.Error(err)
		}
	}
	// the home of an installed kernel is found through its kernelspec
	if got := findHome(""); got != defaultHome() {
		t.Errorf("without a manifest: %s", got)
	}
	home := filepath.Join(dir, "installed")
	if err := os.WriteFile(filepath.Join(home, "manifest.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := findHome(""); got != home {
		t.Errorf("got %s, want %s", got, home)
	}
	t.Setenv("MODELBOOK_HOME", "/elsewhere")
	if got := findHome(""); got != "/elsewhere" {
		t.Errorf("MODELBOOK_HOME: got %s", got)
	}
	if got := findHome("/asked"); got != "/asked" {
		t.Errorf("--home: got %s", got)
	}
}

// Without a key anybody could run code: only an explicit flag allows that.
func TestKernelRefusesAnEmptyKey(t *testing.T) {
	file := filepath.Join(isolated(t), "kernel-1.json")
	content := `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":""}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := kernelCommand([]string{file}); err == nil || !strings.Contains(err.Error(), "--unsigned") {
		t.Errorf("got %v", err)
	}
	if err := kernelCommand([]string{"--unsigned", filepath.Join(filepath.Dir(file), "none.json")}); err == nil || strings.Contains(err.Error(), "no key") {
		t.Errorf("with the flag: %v", err)
	}
}

func TestLogoIsAPicture(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(logoPNG))
	if err != nil || img.Bounds().Dx() != 64 || img.Bounds().Dy() != 64 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
	if !bytes.HasPrefix(logoSVG, []byte("<svg")) {
		t.Error("the SVG is none")
	}
}

func TestSourceFolderIsFound(t *testing.T) {
	home := filepath.Join(isolated(t), "home")
	root := t.TempDir()
	below := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(below)
	if dir, err := findSource(home); err == nil {
		t.Errorf("found %s where there is none", dir)
	}
	if err := os.MkdirAll(filepath.Join(home, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{filepath.Join(home, "src", "go.mod"): filepath.Join(home, "src"), filepath.Join(root, "go.mod"): root} {
		if err := os.WriteFile(file, []byte("module modelbook\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := findSource(home)
		if same, _ := filepath.EvalSymlinks(want); err != nil || got != want && got != same {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
		os.Remove(file)
	}
}

func TestOptionsStandAnywhere(t *testing.T) {
	for _, args := range [][]string{{"n.ipynb", "-o", "x"}, {"-o", "x", "n.ipynb"}, {"--o=x", "n.ipynb"}} {
		f := newFlags("run", "")
		out := f.String("o", "", "")
		rest, err := parse(f, args)
		if err != nil || *out != "x" || !slices.Equal(rest, []string{"n.ipynb"}) {
			t.Errorf("%v: got %v, %q, %v", args, rest, *out, err)
		}
	}
	var wrong usageError
	if _, err := parse(newFlags("run", ""), []string{"--nonsense"}); !errors.As(err, &wrong) {
		t.Errorf("got %v", err)
	}
	if _, err := parse(flag.NewFlagSet("x", flag.ContinueOnError), []string{"a", "b"}); err != nil {
		t.Error(err)
	}
}

func TestProgressInALogIsALinePerStep(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, false)
	for i := range 100 {
		p.step("compiling packages", i, 100)
	}
	p.step("compiled ahead", 1, 1)
	p.end()
	if got := b.String(); got != "compiling packages\ncompiled ahead\n" {
		t.Errorf("got %q", got)
	}
	b.Reset()
	p = newProgress(&b, true)
	p.step("compiling packages", 1, 2)
	time.Sleep(60 * time.Millisecond)
	p.step("compiling packages", 2, 2)
	p.end()
	for _, want := range []string{"compiling packages: 1 of 2", "\r\x1b[Kcompiling packages: 2 of 2", "compiling packages (0."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %q", want, b.String())
		}
	}
}

func TestDoctorNamesTheRemedy(t *testing.T) {
	dir := isolated(t)
	if got := prepared(dir); !got.needed || !strings.Contains(got.remedy, "modelbook install") {
		t.Errorf("nothing installed: %+v", got)
	}
	if got := linking(dir); got.name != "" {
		t.Errorf("how cells of no home are linked: %+v", got)
	}
	if got := gopls(dir); got.needed || got.remedy == "" {
		t.Errorf("no gopls: %+v", got)
	}
	if got := registered(dir); got.remedy != "modelbook install" {
		t.Errorf("no kernelspec: %+v", got)
	}
	if got := writable("home", filepath.Join(dir, "none"), "make it"); got.remedy != "make it" {
		t.Errorf("no folder: %+v", got)
	}
	if got := writable("home", dir, "make it"); got.remedy != "" {
		t.Errorf("a folder: %+v", got)
	}
	t.Setenv("PATH", dir)
	for name, got := range map[string]finding{"Go": goCommand(t.Context(), t.TempDir()), "linker": linker(t.Context()), "C compiler": cgo(t.Context())} {
		if got.name != name || !got.needed || got.remedy == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	spec := filepath.Join(userJupyter(), "kernels", "modelbook")
	if err := writeKernelspec(spec, "/gone/bin/modelbook"); err != nil {
		t.Fatal(err)
	}
	if got := registered("/gone"); !got.needed || !strings.Contains(got.detail, "is gone") {
		t.Errorf("a kernelspec without its program: %+v", got)
	}
}

func TestDoctorTellsWhatAReleaseLacks(t *testing.T) {
	tools, err := exec.Command("go", "env", "GOTOOLDIR").Output()
	if err != nil {
		t.Fatal(err)
	}
	tc := toolchain.Toolchain{GOVERSION: runtime.Version(), GOTOOLDIR: strings.TrimSpace(string(tools))}
	for _, c := range []struct {
		manifest            toolchain.Manifest
		linking, safeguards string
		remedies            int
	}{
		{toolchain.Manifest{Toolchain: tc}, "against the worker", "", 0},
		{toolchain.Manifest{Toolchain: tc, Full: "no such symbol"}, "in full, which takes about 100 ms longer: no such symbol", "", 1},
		{toolchain.Manifest{Toolchain: tc, Lacks: []string{"os.Exit ends it"}}, "against the worker", "another text than is known: os.Exit ends it", 1},
	} {
		dir := t.TempDir()
		text, err := json.Marshal(c.manifest)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		l, s := linking(dir), safeguards(dir)
		n := 0
		for _, f := range []finding{l, s} {
			if f.remedy != "" {
				n++
			}
		}
		if l.detail != c.linking || !strings.HasSuffix(s.detail, c.safeguards) || (s.detail == "") != (c.safeguards == "") || n != c.remedies {
			t.Errorf("%+v: %+v, %+v", c.manifest, l, s)
		}
	}
}
