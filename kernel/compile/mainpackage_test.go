package compile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"modelbook/kernel/toolchain"
)

// TestAMainIsCopied compiles the main package of a thin plugin and copies it:
// but for its own fingerprint and that of the cell, the copy is what the
// compiler makes under the other name.
func TestAMainIsCopied(t *testing.T) {
	tc, err := toolchain.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &Compiler{home: &toolchain.Home{Manifest: toolchain.Manifest{Toolchain: *tc}}, dir: dir}
	compiled := func(file, path, text string) string {
		t.Helper()
		source, archive, cfg := filepath.Join(dir, "main.go"), filepath.Join(dir, file+".a"), filepath.Join(dir, "importcfg")
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cfg, []byte("packagefile "+PackagePath+"="+filepath.Join(dir, "cell.a")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.compile(t.Context(), dir, path, archive, cfg, source); err != nil {
			t.Fatal(err)
		}
		return archive
	}
	compiled("cell", PackagePath, "package sess\n\nvar X int\n")
	const text = "package main\nimport _ \"" + PackagePath + "\"\nfunc main() {}\n"
	var m mainTemplate
	if err := m.write(filepath.Join(dir, "none.a"), pluginName(1)); err == nil {
		t.Error("a main was copied before there was one")
	}
	m.keep(compiled("first", pluginName(1), text), pluginName(1))
	copied := filepath.Join(dir, "copied.a")
	if err := m.write(copied, pluginName(2)); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(compiled("second", pluginName(2), text))
	if err != nil {
		t.Fatal(err)
	}
	if err := uncheck(want, PackagePath); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if objects, err := readObjects(got); err != nil || len(objects) != 1 || objects[0].imports[0] != PackagePath {
		t.Errorf("the copy is no object: %v", err)
	}
	own := func(archive []byte) []byte { // its fingerprint, which packages that import it would ask for
		at := bytes.LastIndex(archive, []byte(objectMagic)) + len(objectMagic)
		return archive[at : at+8]
	}
	if want = bytes.ReplaceAll(want, own(want), own(got)); !bytes.Equal(got, want) {
		t.Errorf("the copy is not what the compiler makes:\n%q\n%q", got, want)
	}
	if err := uncheck([]byte("!<arch>\n"), PackagePath); err == nil {
		t.Error("an archive without an object was changed")
	}
}
