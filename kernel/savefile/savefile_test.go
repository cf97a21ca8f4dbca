package savefile

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func write(t *testing.T, h Header, values string) string {
	t.Helper()
	dir := t.TempDir()
	body, path := filepath.Join(dir, "values"), filepath.Join(dir, "a.mbk")
	if err := os.WriteFile(body, []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, h, body); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWriteAndRead(t *testing.T) {
	h := Header{Decls: "import \"fmt\"\nfunc f() { fmt.Println() }", Vars: []string{"var x int"}, Types: []Type{{"k", "[]int"}}, Later: "type T int", Lost: []Skipped{{"c", "a channel"}}}
	got, values, err := Read(write(t, h, "the values"))
	if err != nil {
		t.Fatal(err)
	}
	h.SHA256 = got.SHA256
	if !reflect.DeepEqual(got, h) || string(values) != "the values" || len(h.SHA256) != 64 {
		t.Errorf("%+v %q", got, values)
	}
	if cell := got.Cell(); cell != h.Decls+"\nvar x int\n__rt.Type(\"k\", (*[]int)(nil))\ntype T int" {
		t.Errorf("cell %q", cell)
	}
}

// TestNothingRuns refuses files of which something would run.
func TestNothingRuns(t *testing.T) {
	for _, h := range []Header{
		{Decls: "f()"}, {Decls: "!ls"}, {Decls: "func init() {}"}, {Decls: "func main() {}"}, {Decls: "%%\nf()"}, {Decls: "%%bash\nls"},
		{Decls: "var v = f()"}, {Decls: "import \"C\""}, {Later: "f()"}, {Vars: []string{"var v = f()"}}, {Vars: []string{"f()"}}, {Hiding: []string{"var a, b int"}},
		{Types: []Type{{"k", "int)(nil)); f(); _ = (*int"}}},
	} {
		if _, _, err := Read(write(t, h, "")); err == nil || !strings.Contains(err.Error(), "would run") {
			t.Errorf("%+v: %v", h, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(magic + "\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) { parse(b) })
}
