package toolchain

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLinkRoot(t *testing.T) {
	dir := t.TempDir()
	cache, home := filepath.Join(dir, "cache"), filepath.Join(dir, "home")
	fetched := filepath.Join(cache, "golang.org", "toolchain@v0.0.1-go1.99.1.linux-amd64")
	for _, d := range []string{fetched, home, filepath.Join(dir, "cache-of-another")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		tc := Toolchain{GOROOT: fetched, Root: fetched, GOMODCACHE: cache, GOVERSION: "go1.99.1"}
		if err := tc.LinkRoot(home); err != nil {
			t.Fatal(err)
		}
		real, err := filepath.EvalSymlinks(tc.Root)
		if want := filepath.Join(home, "go1.99.1"); tc.Root != want || err != nil || real != fetched || tc.GOROOT != fetched {
			t.Errorf("%+v, %v, %v; want %s", tc, real, err, want)
		}
	}
	for _, root := range []string{"/usr/lib/go", filepath.Join(dir, "cache-of-another")} {
		tc := Toolchain{GOROOT: root, Root: root, GOMODCACHE: cache, GOVERSION: "go1.99.2"}
		if err := tc.LinkRoot(home); err != nil || tc.Root != root {
			t.Errorf("%+v, %v", tc, err)
		}
	}
}
