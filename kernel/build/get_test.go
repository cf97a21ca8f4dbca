package build

import (
	"archive/zip"
	"context"
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

// proxy is a module proxy in a folder, for modules below one path that no other
// run of the tests has.
type proxy struct {
	t         *testing.T
	dir, path string
}

func newProxy(t *testing.T) *proxy {
	p := &proxy{t, t.TempDir(), fmt.Sprintf("example.test/t%d", time.Now().UnixNano())}
	out, err := exec.Command("go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Fields(string(out))
	t.Setenv("GOPROXY", "file://"+p.dir+","+env[0])
	t.Setenv("GONOSUMDB", "example.test/*")
	t.Cleanup(func() { // nothing of this stays in the module cache, which is read-only
		for _, root := range []string{env[1], filepath.Join(env[1], "cache", "download")} {
			dir := filepath.Join(root, filepath.FromSlash(p.path))
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

// add publishes a version of a module with one package; PROXY in what it
// requires and in its source stands for the path of the proxy's modules.
func (p *proxy) add(name, version, requires, source string) {
	p.t.Helper()
	full := func(s string) string { return strings.ReplaceAll(s, "PROXY", p.path) }
	module := p.path + "/" + name
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

// TestGetKeepsWhatIsInUse gets packages into a session that uses version 1.0.0
// of base, which requires wide.
func TestGetKeepsWhatIsInUse(t *testing.T) {
	home := SmallHome(t)
	p := newProxy(t)
	b, err := NewBuilder(home, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var said string
	obtain := func(name string) {
		t.Helper()
		said = ""
		if _, err := b.Obtain(context.Background(), []string{p.path + "/" + name}, true, func(s string) { said += s }); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	versions := func(want map[string]string) {
		t.Helper()
		all, err := home.modules(context.Background(), b.module)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range want {
			if got := all[p.path+"/"+name]; got != v {
				t.Errorf("%s is there in version %q, want %q; said: %s", name, got, v, said)
			}
		}
	}
	p.add("wide", "v1.0.0", "", "")
	p.add("base", "v1.0.0", "PROXY/wide v1.0.0", "const V = 10")
	obtain("base")
	versions(map[string]string{"base": "v1.0.0", "wide": "v1.0.0"})
	b.Loaded([]string{p.path + "/base"})

	const useBase = "import \"PROXY/base\"\n\nvar V = base.V"
	p.add("wide", "v1.1.0", "", "")
	p.add("base", "v1.1.0", "PROXY/wide v1.0.0", "const V = 11")
	p.add("easy", "v1.3.0", "PROXY/base v1.0.0", useBase)
	p.add("fresh", "v1.0.0", "PROXY/base v1.0.0", useBase)
	p.add("fresh", "v1.1.0-rc.1", "PROXY/base v1.0.0", useBase)
	p.add("fresh", "v1.1.0", "PROXY/base v1.1.0", useBase)
	p.add("fresh", "v1.2.0", "PROXY/base v1.1.0", useBase)
	p.add("must", "v1.0.0", "PROXY/base v1.1.0", useBase)

	obtain("wide") // it is in the graph already
	versions(map[string]string{"base": "v1.0.0", "wide": "v1.0.0"})
	obtain("easy")
	versions(map[string]string{"base": "v1.0.0", "easy": "v1.3.0"})
	if strings.Contains(said, "not the newest") {
		t.Errorf("easy: %s", said)
	}
	obtain("fresh")
	versions(map[string]string{"base": "v1.0.0", "fresh": "v1.0.0", "easy": "v1.3.0"})
	for _, want := range []string{"fresh is not the newest: v1.2.0 needs " + p.path + "/base v1.1.0, and v1.0.0 is in use", "!*go get " + p.path + "/fresh@v1.2.0"} {
		if !strings.Contains(said, want) {
			t.Errorf("fresh: no %q in %s", want, said)
		}
	}
	// There is no other way: it is said, and nothing has changed.
	said = ""
	_, err = b.Obtain(context.Background(), []string{p.path + "/must"}, true, func(s string) { said += s })
	if restart := new(RestartError); !errors.As(err, &restart) || !strings.Contains(restart.Error(), p.path+"/base") {
		t.Errorf("must: %v", err)
	}
	if want := "upgraded " + p.path + "/base v1.0.0 => v1.1.0"; !strings.Contains(said, want) {
		t.Errorf("must: no %q in %s", want, said)
	}
	versions(map[string]string{"base": "v1.0.0", "must": "", "fresh": "v1.0.0"})
	_, err = b.Obtain(context.Background(), []string{p.path + "/nowhere"}, true, func(string) {})
	if err == nil || !strings.Contains(err.Error(), p.path+"/nowhere") {
		t.Errorf("nowhere: %v", err)
	}
}
