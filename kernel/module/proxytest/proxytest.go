// Package proxytest gives tests modules that go get can fetch.
package proxytest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Proxy is a folder from which go get fetches modules. They are below one
// path that no other run of the tests has.
type Proxy struct {
	Path string
	t    testing.TB
	dir  string
}

// New makes a proxy, to which all go commands of the test go first.
func New(t testing.TB) *Proxy {
	t.Helper()
	p := &Proxy{t: t, dir: t.TempDir(), Path: fmt.Sprintf("example.test/t%d", time.Now().UnixNano())}
	out, err := exec.Command("go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Fields(string(out))
	t.Setenv("GOPROXY", "file://"+p.dir+","+env[0])
	t.Setenv("GONOSUMDB", "example.test/*")
	t.Cleanup(func() { // nothing of this stays in the module cache, which is read-only
		for _, root := range []string{env[1], filepath.Join(env[1], "cache", "download")} {
			dir := filepath.Join(root, filepath.FromSlash(p.Path))
			filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					os.Chmod(name, 0o755)
				}
				return nil
			})
			os.RemoveAll(dir)
		}
	})
	return p
}

// Add publishes a version of a module with one package; PROXY in what it
// requires and in its source stands for the path of the proxy's modules.
func (p *Proxy) Add(name, version, requires, source string) {
	p.t.Helper()
	full := func(s string) string { return strings.ReplaceAll(s, "PROXY", p.Path) }
	module := p.Path + "/" + name
	dir := filepath.Join(p.dir, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	mod := "module " + module + "\n\ngo 1.25\n"
	if requires != "" {
		mod += "\nrequire " + full(requires) + "\n"
	}
	list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = fmt.Fprintln(list, version)
	archive, err2 := os.Create(filepath.Join(dir, version+".zip"))
	if err := errors.Join(err, err2, list.Close(),
		os.WriteFile(filepath.Join(dir, version+".mod"), []byte(mod), 0o644),
		os.WriteFile(filepath.Join(dir, version+".info"), fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version), 0o644)); err != nil {
		p.t.Fatal(err)
	}
	w := zip.NewWriter(archive)
	for file, text := range map[string]string{"go.mod": mod, "p.go": "package " + name + "\n\n" + full(source) + "\n"} {
		f, err := w.Create(module + "@" + version + "/" + file)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), archive.Close()); err != nil {
		p.t.Fatal(err)
	}
}
