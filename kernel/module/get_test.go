package module

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/module/proxytest"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

// TestGetKeepsWhatIsInUse gets packages into a session that uses version 1.0.0
// of base, which requires wide.
func TestGetKeepsWhatIsInUse(t *testing.T) {
	home := testhome.Small(t)
	p := proxytest.New(t)
	packages, err := toolchain.NewPackages(home)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(home, packages, filepath.Join(t.TempDir(), "module"))
	if err != nil {
		t.Fatal(err)
	}
	var said string
	ctx, say := context.Background(), func(s string) { said += s }
	// obtain does what a cell of a session with values does.
	obtain := func(name string) error {
		t.Helper()
		said = ""
		_, err := m.Obtain(ctx, []string{p.Path + "/" + name}, true, say)
		if restart := new(RestartError); errors.As(err, &restart) {
			if _, bad := m.ObtainBeside(ctx, []string{p.Path + "/" + name}, restart, say); bad == nil {
				return nil
			}
		}
		return err
	}
	get := func(name string) {
		t.Helper()
		if err := obtain(name); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	versions := func(want map[string]string) {
		t.Helper()
		all, err := home.Toolchain.Modules(ctx, m.dir)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range want {
			if got := all[p.Path+"/"+name]; got != v {
				t.Errorf("%s is there in version %q, want %q; said: %s", name, got, v, said)
			}
		}
	}
	p.Add("wide", "v1.0.0", "", "")
	p.Add("base", "v1.0.0", "PROXY/wide v1.0.0", "const V = 10")
	get("base")
	versions(map[string]string{"base": "v1.0.0", "wide": "v1.0.0"})
	packages.Load([]string{p.Path + "/base"})

	const useBase = "import \"PROXY/base\"\n\nvar V = base.V"
	p.Add("wide", "v1.1.0", "", "")
	p.Add("base", "v1.1.0", "PROXY/wide v1.0.0", "const V = 11")
	p.Add("easy", "v1.3.0", "PROXY/base v1.0.0", useBase)
	p.Add("fresh", "v1.0.0", "PROXY/base v1.0.0", useBase)
	p.Add("fresh", "v1.1.0-rc.1", "PROXY/base v1.0.0", useBase)
	p.Add("fresh", "v1.1.0", "PROXY/base v1.1.0", useBase)
	p.Add("fresh", "v1.2.0", "PROXY/base v1.1.0", useBase)
	p.Add("must", "v1.0.0", "PROXY/base v1.1.0", useBase)

	get("wide") // it is in the graph already
	versions(map[string]string{"base": "v1.0.0", "wide": "v1.0.0"})
	get("easy")
	versions(map[string]string{"base": "v1.0.0", "easy": "v1.3.0"})
	if strings.Contains(said, "not the newest") {
		t.Errorf("easy: %s", said)
	}
	get("fresh")
	versions(map[string]string{"base": "v1.0.0", "fresh": "v1.0.0", "easy": "v1.3.0"})
	for _, want := range []string{"fresh is not the newest: v1.2.0 needs " + p.Path + "/base v1.1.0, and v1.0.0 is in use", "!*go get " + p.Path + "/fresh@v1.2.0"} {
		if !strings.Contains(said, want) {
			t.Errorf("fresh: no %q in %s", want, said)
		}
	}
	// There is no other way: it is said, and nothing has changed.
	restart := new(RestartError)
	if err := obtain("must"); !errors.As(err, &restart) || !strings.Contains(restart.Error(), p.Path+"/base") ||
		!strings.Contains(restart.Said, "upgraded "+p.Path+"/base v1.0.0 => v1.1.0") {
		t.Errorf("must: %v, go get said %q", err, restart.Said)
	}
	versions(map[string]string{"base": "v1.0.0", "must": "", "fresh": "v1.0.0"})
	if err := obtain("nowhere"); err == nil || !strings.Contains(err.Error(), p.Path+"/nowhere") {
		t.Errorf("nowhere: %v", err)
	}
}
