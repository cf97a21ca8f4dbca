package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// GoplsVersion is the release of Go's language server that is installed beside
// the kernel. It builds with all supported Go releases.
const GoplsVersion = "v0.23.0"

// Gopls is the path of the language server in a home, whether it is there or
// not. It knows the language and the standard library of the Go release that
// built it, so the release is part of the path.
func Gopls(home string) string {
	return filepath.Join(home, "gopls", GoplsVersion+"-"+lang(runtime.Version()), "gopls")
}

// InstallGopls builds the language server into a home, unless it is there. It
// needs the network, or a module cache that has the sources.
func InstallGopls(ctx context.Context, home string) error {
	path := Gopls(home)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	tc, err := Find(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Dir(path)), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Dir(path)), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := tc.Command(ctx, dir, "install", "-trimpath", "-ldflags=-s -w", "golang.org/x/tools/gopls@"+GoplsVersion)
	cmd.Env = append(cmd.Env, "GOBIN="+dir, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building gopls: %w", Failure(err, string(out)))
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Dir(path)); err != nil {
		if _, there := os.Stat(path); there == nil {
			return nil // another installation was faster
		}
		return err
	}
	return nil
}

// GoplsEnv is the environment that the language server of a home runs in: with
// this home's toolchain, and fetching nothing.
func (h *Home) GoplsEnv() []string {
	return append(h.Toolchain.environ(), "GOPROXY=off", "GOFLAGS=-mod=mod",
		"PATH="+filepath.Dir(h.Toolchain.Go)+string(os.PathListSeparator)+os.Getenv("PATH"))
}
