package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASessionSurvivesItsProcess(t *testing.T) {
	nb := open(t)
	for _, code := range []string{"type point struct{ x, y int }\n\nfunc (p point) sum() int { return p.x + p.y }",
		"import tpl \"text/template\"",
		"p := &point{1, 2}\nall := map[string]*point{\"p\": p}\nxs := []float64{1, 2, 3}",
		"var shape any = point{3, 4}\nvar err error = errors.New(\"old\")\n_ = err\nnow := time.Unix(5, 0).UTC()\nm := mat.NewDense(1, 2, []float64{7, 8})",
		"later := func() int { return 1 }\npages := make(chan int)",
		"func double(n int) int { return 2 * n }\nfunc init_loud() { fmt.Println(\"loud\") }",
		"t := tpl.Must(tpl.New(\"t\").Parse(\"x\"))"} {
		nb.run(code)
	}
	file := filepath.Join(nb.Dir(), "kept.mbk")
	out := nb.run("%save kept.mbk").stdout
	for _, want := range []string{"7 variables", "not saved: later (later: a function", "not saved: pages", "not saved: t ("} {
		if !strings.Contains(out, want) {
			t.Errorf("%%save says\n%s\nwithout %q", out, want)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: not for this user alone", info, err)
	}
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	out = nb.run("%load_session kept.mbk").stdout
	if !strings.Contains(out, "7 variables") || strings.Contains(out, "loud") || !strings.Contains(out, "without a value: later") {
		t.Errorf("%%load_session says\n%s", out)
	}
	nb.prints("all[\"p\"].x = 5\nfmt.Println(p.sum(), all[\"p\"] == p, xs, shape.(point).sum(), err, now.Unix(), m.At(0, 1), double(4))", "7 true [1 2 3] 7 old 5 8 8\n")
	// what came back can be saved again, and loads over what is there
	nb.run("%save kept.mbk")
	nb.run("xs = nil\n")
	nb.run("%load_session kept.mbk")
	nb.prints("fmt.Println(len(xs))", "3\n")
}

func TestADamagedSessionIsRefused(t *testing.T) {
	nb := open(t)
	nb.run("x := 5")
	nb.run("%save a.mbk")
	file := filepath.Join(nb.Dir(), "a.mbk")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, []byte("PK\x03\x04"), whole[:len(whole)-1], whole[:30], bytes.Replace(whole, []byte("\"Vars\""), []byte("\"Vars:"), 1)} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := nb.try("%load_session a.mbk"); err == nil || !strings.Contains(err.Value, "is damaged") && !strings.Contains(err.Value, "no session") {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	nb.prints("fmt.Println(x)", "5\n")
}

func FuzzParseSession(f *testing.F) {
	f.Add([]byte(sessionMagic + "\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) { parseSession(b) })
}
