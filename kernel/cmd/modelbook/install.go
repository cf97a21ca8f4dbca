package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"modelbook/kernel/prepare"
	"modelbook/kernel/toolchain"
)

//go:embed logo-64x64.png
var logoPNG []byte

//go:embed logo-svg.svg
var logoSVG []byte

func installCommand(args []string) error {
	f := newFlags("install", "[--user | --sys-prefix | --prefix DIR] [--source DIR] [--home DIR] [--gopls=false]")
	f.Bool("user", true, "install the kernel for this user (the default)")
	sysPrefix := f.Bool("sys-prefix", false, "install the kernel for the active Python environment")
	prefix := f.String("prefix", "", "install the kernel below `DIR`/share/jupyter")
	source := f.String("source", "", "modelbook's source `folder` (default: this folder or one above it, or the installed copy)")
	home := f.String("home", "", "`folder` to install to (default: "+defaultHome()+")")
	gopls := f.Bool("gopls", true, "install gopls "+toolchain.GoplsVersion+", too, which completes names of packages that are not compiled yet")
	rest, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"unexpected " + rest[0]}
	}
	if *home == "" {
		*home = defaultHome()
	}
	if *home, err = filepath.Abs(*home); err != nil {
		return err
	}
	data, err := kernelFolder(*sysPrefix, *prefix)
	if err != nil {
		return err
	}
	if *source == "" {
		if *source, err = findSource(*home); err != nil {
			return err
		}
	}
	ctx, cancel := interrupted()
	defer cancel()
	p := newProgress(os.Stdout, isTerminal(os.Stdout))
	err = prepare.Home(ctx, *source, *home, p.step)
	p.end()
	if err != nil {
		return err
	}
	if *gopls && !fileExists(toolchain.Gopls(*home)) {
		p.step("building gopls", 0, 1)
		if err := toolchain.InstallGopls(ctx, *home); err != nil { // the kernel works without it
			p.end()
			fmt.Printf("note: no gopls (%v); `modelbook doctor` tells what it is for\n", err)
		}
		p.end()
	}
	program := filepath.Join(*home, "bin", "modelbook")
	if err := installProgram(program); err != nil {
		return fmt.Errorf("installing the program: %w", err)
	}
	dir := filepath.Join(data, "kernels", kernelName)
	if err := writeKernelspec(dir, program); err != nil {
		return fmt.Errorf("installing the kernelspec: %w", err)
	}
	fmt.Printf("installed: %s\n", *home)
	for _, d := range []finding{linking(*home), safeguards(*home)} {
		if d.remedy != "" {
			fmt.Printf("note: %s %s\n", d.name, d.detail)
		}
	}
	fmt.Printf("kernel %q for Jupyter: %s\n", displayName, dir)
	if found, err := exec.LookPath("modelbook"); err != nil || found != program {
		fmt.Printf("command for run, export and doctor: %s\n", program)
	}
	return nil
}

// kernelFolder is the Jupyter data folder that gets the kernelspec.
func kernelFolder(sysPrefix bool, prefix string) (string, error) {
	switch {
	case prefix != "":
		dir, err := filepath.Abs(prefix)
		return filepath.Join(dir, "share", "jupyter"), err
	case sysPrefix:
		for _, env := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
			if dir := os.Getenv(env); dir != "" {
				return filepath.Join(dir, "share", "jupyter"), nil
			}
		}
		out, err := exec.Command("python3", "-c", "import sys; print(sys.prefix)").Output()
		if err != nil {
			return "", errors.New("--sys-prefix: no Python environment is active and python3 does not run; use --user or --prefix")
		}
		return filepath.Join(strings.TrimSpace(string(out)), "share", "jupyter"), nil
	}
	return userJupyter(), nil
}

// findSource finds modelbook's source tree: the present folder or one above
// it, or the copy that an earlier installation keeps.
func findSource(home string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if b, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && bytes.HasPrefix(b, []byte("module modelbook\n")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if copied := filepath.Join(home, "src"); fileExists(filepath.Join(copied, "go.mod")) {
		return copied, nil
	}
	return "", usageError{"this is not modelbook's source folder; name it with --source"}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// installProgram copies this program to path, replacing the old one in one step:
// that may be running.
func installProgram(path string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if a, err := os.Stat(self); err == nil {
		if b, err := os.Stat(path); err == nil && os.SameFile(a, b) {
			return nil
		}
	}
	in, err := os.Open(self)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return replaceFile(path, in, 0o755)
}

// replaceFile writes a file as a whole or not at all.
func replaceFile(path string, content io.Reader, mode os.FileMode) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(mode))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := io.Copy(f, content); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// writeKernelspec writes the folder by which Jupyter finds the kernel.
func writeKernelspec(dir, program string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(kernelspec{
		Argv:          []string{program, "kernel", "{connection_file}"},
		DisplayName:   displayName,
		Language:      "go",
		InterruptMode: "message",
		Metadata:      map[string]any{"debugger": true}, // JupyterLab shows variables where there is one
	})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"logo-64x64.png": logoPNG, "logo-svg.svg": logoSVG, "kernel.json": b.Bytes()} {
		if err := replaceFile(filepath.Join(dir, name), bytes.NewReader(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A progress shows the steps of a long preparation.
type progress struct {
	w        io.Writer
	terminal bool
	name     string
	begun    time.Time
	shown    time.Time
}

func newProgress(w io.Writer, terminal bool) *progress { return &progress{w: w, terminal: terminal} }

// step reports what is being done, and how much of it is done.
func (p *progress) step(name string, done, total int) {
	if name != p.name {
		p.end()
		p.name, p.begun, p.shown = name, time.Now(), time.Time{}
		if !p.terminal {
			fmt.Fprintf(p.w, "%s\n", name)
			p.shown = time.Now()
		}
	}
	switch {
	case p.terminal && time.Since(p.shown) > 50*time.Millisecond:
		fmt.Fprintf(p.w, "\r\x1b[K%s", describeStep(name, done, total))
	case !p.terminal && time.Since(p.shown) > 5*time.Second && total > 1:
		fmt.Fprintf(p.w, "%s\n", describeStep(name, done, total))
	default:
		return
	}
	p.shown = time.Now()
}

func describeStep(name string, done, total int) string {
	if total <= 1 {
		return name
	}
	return fmt.Sprintf("%s: %d of %d", name, done, total)
}

// end finishes the line of a step.
func (p *progress) end() {
	if p.name == "" || !p.terminal {
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s (%.1f s)\n", p.name, time.Since(p.begun).Seconds())
	p.name = ""
}
