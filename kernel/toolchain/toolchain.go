package toolchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Toolchain is the Go installation that builds the worker and the cells.
type Toolchain struct {
	Go         string // path of the go command
	Root       string // GOROOT for its go commands, see LinkRoot
	GOROOT     string
	GOTOOLDIR  string
	GOVERSION  string // "go1.26.8"
	GOOS       string
	GOARCH     string
	CC         string
	GOCACHE    string
	GOMODCACHE string
	CGO        string `json:"CGO_ENABLED"`
}

// Releases are the Go releases with which cells are known to work: all facts of
// package compile (TestFacts) hold, and all hooks fit.
var Releases = []string{"go1.26", "go1.27"}

// Find asks the go command in PATH about the toolchain that this program was built
// with, and checks that plugins can be built with it. No other will do: cells are
// type-checked here from files that it wrote.
func Find(ctx context.Context) (*Toolchain, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("no go command in PATH: install Go 1.26 or newer from https://go.dev/dl")
	}
	t := &Toolchain{Go: path}
	cmd := t.Command(ctx, "/", "env", "-json", "GOROOT", "GOTOOLDIR", "GOVERSION", "GOOS", "GOARCH", "CC", "GOCACHE", "GOMODCACHE", "CGO_ENABLED")
	cmd.Env = goEnviron() // without GOROOT, which is not known yet
	out, err := Output(cmd)
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	if err := json.Unmarshal(out, t); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	t.Root = t.GOROOT
	// The go command in PATH may be another release, which would start the right
	// one at each call.
	if own := filepath.Join(t.GOROOT, "bin", "go"); executable(own) {
		t.Go = own
	}
	return t, t.Check()
}

// InPath returns path, a value of PATH, changed so that it leads to this
// toolchain's go command: cells and shell commands use the release that the
// kernel uses.
func (t *Toolchain) InPath(path string) string {
	for _, dir := range filepath.SplitList(path) {
		found := filepath.Join(dir, "go")
		if !executable(found) {
			continue
		}
		if real, err := filepath.EvalSymlinks(found); err == nil && real == t.Go {
			return path
		}
		break
	}
	return filepath.Dir(t.Go) + string(filepath.ListSeparator) + path
}

func executable(file string) bool {
	st, err := os.Stat(file)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

// LinkRoot makes in home a link to a toolchain in the module cache, which is where
// the go command puts those that it fetches, and sets Root to it: the go command
// replaces no files (-overlay) in the module cache.
func (t *Toolchain) LinkRoot(home string) error {
	if rel, err := filepath.Rel(t.GOMODCACHE, t.GOROOT); err != nil || !filepath.IsLocal(rel) {
		return nil
	}
	t.Root = filepath.Join(home, t.GOVERSION)
	if old, err := os.Readlink(t.Root); err == nil && old == t.GOROOT {
		return nil
	}
	return errors.Join(os.RemoveAll(t.Root), os.Symlink(t.GOROOT, t.Root))
}

// Check says what cells need and the machine has not.
func (t *Toolchain) Check() error {
	if t.GOOS != "linux" || (t.GOARCH != "amd64" && t.GOARCH != "arm64") {
		return fmt.Errorf("cells need linux on amd64 or arm64, this is %s/%s: use the container image", t.GOOS, t.GOARCH)
	}
	if t.CGO != "1" {
		return errors.New("plugins need cgo: set CGO_ENABLED=1 and install a C compiler (apt-get install gcc libc6-dev)")
	}
	if _, err := exec.LookPath(t.Compiler()); err != nil {
		return fmt.Errorf("no C compiler %q in PATH (apt-get install gcc libc6-dev)", t.Compiler())
	}
	return nil
}

// Known returns an error for a release that was not tried with this modelbook.
// Such a release is tried when a home is prepared.
func (t *Toolchain) Known() error {
	for _, v := range Releases {
		if t.GOVERSION == v || strings.HasPrefix(t.GOVERSION, v+".") {
			return nil
		}
	}
	return fmt.Errorf("%s is not among the Go releases tried with this modelbook (%s)", t.GOVERSION, strings.Join(Releases, ", "))
}

// Compiler is the C compiler, which links plugins.
func (t *Toolchain) Compiler() string {
	if f := strings.Fields(t.CC); len(f) > 0 {
		return f[0]
	}
	return "gcc"
}

// Lang is the language version for compiler and type checker, "go1.26".
func (t *Toolchain) Lang() string { return lang(t.GOVERSION) }

func lang(release string) string {
	v := strings.SplitN(strings.Fields(release)[0], ".", 3)
	return strings.Join(v[:min(2, len(v))], ".")
}

func (t *Toolchain) tool(name string) string { return filepath.Join(t.GOTOOLDIR, name) }
