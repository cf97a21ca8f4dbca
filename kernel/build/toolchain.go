package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A Toolchain is the Go installation that builds the worker and the cells.
type Toolchain struct {
	Go         string // path of the go command
	Root       string // GOROOT for its go commands, see linkRoot
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

// supported are the Go releases whose linker passed the trial (trial.go).
var supported = []string{"go1.26", "go1.27"}

// FindToolchain asks the go command about itself, and checks that plugins can
// be built with it.
func FindToolchain(ctx context.Context) (*Toolchain, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("no go command in PATH: install Go 1.26 or newer from https://go.dev/dl")
	}
	// GOTOOLCHAIN must name the toolchain this program was built with: cells
	// are type-checked here from files that it wrote.
	cmd := exec.CommandContext(ctx, path, "env", "-json", "GOROOT", "GOTOOLDIR", "GOVERSION", "GOOS", "GOARCH", "CC", "GOCACHE", "GOMODCACHE", "CGO_ENABLED")
	cmd.Env = goEnv()
	cmd.Dir = "/"
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", withStderr(err))
	}
	t := &Toolchain{Go: path}
	if err := json.Unmarshal(out, t); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	t.Root = t.GOROOT
	// The one in PATH may have to hand over to the right one at each call.
	if own := filepath.Join(t.GOROOT, "bin", "go"); executable(own) {
		t.Go = own
	}
	return t, t.check()
}

// InPath is path with this toolchain's go command in it, first where path leads
// to another: what cells and shell commands do with a session's module is of
// the same release as what the kernel does.
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

// linkRoot makes in home a way to the toolchain that does not lead through the
// module cache. That is where toolchains are that the go command has fetched,
// and it replaces no files there (writeOverlay).
func (t *Toolchain) linkRoot(home string) error {
	if rel, err := filepath.Rel(t.GOMODCACHE, t.GOROOT); err != nil || !filepath.IsLocal(rel) {
		return nil
	}
	t.Root = filepath.Join(home, t.GOVERSION)
	if old, err := os.Readlink(t.Root); err == nil && old == t.GOROOT {
		return nil
	}
	return errors.Join(os.RemoveAll(t.Root), os.Symlink(t.GOROOT, t.Root))
}

func (t *Toolchain) check() error {
	if t.GOOS != "linux" || (t.GOARCH != "amd64" && t.GOARCH != "arm64") {
		return fmt.Errorf("cells need linux on amd64 or arm64, this is %s/%s: use the container image", t.GOOS, t.GOARCH)
	}
	if t.CGO != "1" {
		return errors.New("plugins need cgo: set CGO_ENABLED=1 and install a C compiler (apt-get install gcc libc6-dev)")
	}
	if _, err := exec.LookPath(t.compiler()); err != nil {
		return fmt.Errorf("no C compiler %q in PATH (apt-get install gcc libc6-dev)", t.compiler())
	}
	return nil
}

// known says that a release is not among those that were tried with this
// modelbook. The installation tries such a one itself.
func (t *Toolchain) known() error {
	for _, v := range supported {
		if t.GOVERSION == v || strings.HasPrefix(t.GOVERSION, v+".") {
			return nil
		}
	}
	return fmt.Errorf("%s is not among the Go releases tried with this modelbook (%s)", t.GOVERSION, strings.Join(supported, ", "))
}

// compiler is the C compiler, which links plugins.
func (t *Toolchain) compiler() string {
	if f := strings.Fields(t.CC); len(f) > 0 {
		return f[0]
	}
	return "gcc"
}

// lang is the language version for compiler and type checker, "go1.26".
func (t *Toolchain) lang() string { return lang(t.GOVERSION) }

func lang(release string) string {
	v := strings.SplitN(strings.Fields(release)[0], ".", 3)
	return strings.Join(v[:min(2, len(v))], ".")
}

func (t *Toolchain) tool(name string) string { return filepath.Join(t.GOTOOLDIR, name) }

// goEnv is the environment of go commands. The toolchain is pinned to the one
// that compiled this program, the user's flags and workspace are left out.
func goEnv() []string {
	env := environ("GOTOOLCHAIN", "GOFLAGS", "GOROOT", "GOWORK", "GOEXPERIMENT", "GODEBUG", "GOOS", "GOARCH")
	return append(env, "GOTOOLCHAIN="+pinned(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=1")
}

// env is the environment of this toolchain's go commands.
func (t *Toolchain) env() []string { return append(goEnv(), "GOROOT="+t.Root) }

// pinned is the value of GOTOOLCHAIN that selects this program's toolchain.
func pinned() string {
	v := strings.Fields(runtime.Version())[0]
	if !strings.HasPrefix(v, "go1.") {
		return "local"
	}
	return v
}
