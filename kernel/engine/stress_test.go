package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameAsAProgram runs random sequences of cells as cells and as one Go
// program, and compares what they print. The collector runs all the time.
func TestSameAsAProgram(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
			g.add("var one int", "one = 1")
			for range 10 {
				g.cell()
			}
			want := runProgram(t, g.program())
			nb := open(t)
			nb.run("import \"runtime/debug\"\ndebug.SetGCPercent(2)")
			var got strings.Builder
			for _, c := range g.cells {
				got.WriteString(nb.run(c).stdout)
				nb.run("runtime.GC()")
			}
			if got.String() != want {
				t.Errorf("cells print\n%s\nthe program prints\n%s\ncells:\n%s", got.String(), want, strings.Join(g.cells, "\n----\n"))
			}
		})
	}
}

// generator writes cells that use what earlier ones made, and the program of
// all of them.
type generator struct {
	*rand.Rand
	cells, decls, stmts []string
	structs, slices     []string // names of types; of variables that are slices
	maps, closures      []string
	n                   int
}

func (g *generator) name(prefix string) string { g.n++; return fmt.Sprint(prefix, g.n) }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// add makes a cell of declarations and statements.
func (g *generator) add(decls, stmts string) {
	g.cells = append(g.cells, decls+"\n"+stmts)
	g.decls, g.stmts = append(g.decls, decls), append(g.stmts, stmts)
}

func (g *generator) cell() {
	kind := g.IntN(8)
	switch {
	case kind == 0 || len(g.structs) == 0:
		t := g.name("T")
		v := "v" + t[1:]
		g.structs = append(g.structs, t)
		g.slices = append(g.slices, v)
		g.add(fmt.Sprintf("type %[1]s struct { a int; S string; next *%[1]s; m map[string]*%[1]s }\nfunc (x %[1]s) String() string { return fmt.Sprint(\"<\", x.a, x.S, len(x.m), \">\") }\nfunc (x *%[1]s) grow(k int) *%[1]s { if k == 0 { return x }; return (&%[1]s{a: x.a + k, S: x.S + \"+\", next: x}).grow(k - 1) }", t),
			fmt.Sprintf("%[2]s := []*%[1]s{{a: %[3]d}}\n%[2]s = append(%[2]s, %[2]s[0].grow(%[4]d))\nfmt.Println(%[2]s)", t, v, g.IntN(100), 1+g.IntN(9)))
	case kind == 1:
		f, v := g.name("gen"), pick(g, g.slices)
		g.add(fmt.Sprintf("func %s[V fmt.Stringer](list []V) (out []string) { type pair struct { n int; v V }; var ps []pair; for i, x := range list { ps = append(ps, pair{i, x}) }; for _, p := range ps { out = append(out, fmt.Sprintf(\"%%d%%v%%T\", p.n, p.v, p.n)) }; return }", f),
			fmt.Sprintf("fmt.Println(%s(%s))", f, v))
	case kind == 2:
		c := g.name("count")
		g.closures = append(g.closures, c)
		g.add("", fmt.Sprintf("%[1]s := func() func(int) int { total := %[2]d; return func(k int) int { total += k; return total } }()\nfmt.Println(%[1]s(1))", c, g.IntN(50)))
	case kind == 3 && len(g.closures) > 0:
		g.add("", fmt.Sprintf("for i := range 3 { fmt.Println(%s(i)) }", pick(g, g.closures)))
	case kind == 4:
		m := g.name("m")
		g.maps = append(g.maps, m)
		g.add("", fmt.Sprintf("%[1]s := map[string][]int{}\nfor i := range 200 { k := fmt.Sprint(i %% 7); %[1]s[k] = append(%[1]s[k], i) }\nfmt.Println(len(%[1]s), %[1]s[\"3\"])", m))
	case kind == 5 && len(g.maps) > 0:
		m := pick(g, g.maps)
		g.add("", fmt.Sprintf("for k := range %[1]s { %[1]s[k] = append(%[1]s[k], len(%[1]s[k])) }\nfmt.Println(%[1]s[\"2\"])", m))
	case kind == 6:
		ch := g.name("ch")
		g.add("", fmt.Sprintf("%[1]s := make(chan []byte)\ngo func() { defer close(%[1]s); for i := range 50 { %[1]s <- make([]byte, i*100) } }()\nfmt.Println(func() (n int) { for b := range %[1]s { n += len(b) }; return }())", ch))
	default:
		v := pick(g, g.slices)
		g.add("", fmt.Sprintf("%[1]s = append(%[1]s, %[1]s[len(%[1]s)-1].grow(%[2]d))\nfor i := range 100 { %[1]s[0].m = map[string]*%[3]s{fmt.Sprint(i): %[1]s[0]} }\nfmt.Printf(\"%%v %%+v\\n\", %[1]s, %[1]s[len(%[1]s)-1].next.S)", v, 1+g.IntN(4), "T"+strings.TrimLeft(v, "v")))
	}
}

func (g *generator) program() string {
	decls := strings.Join(g.decls, "\n")
	return "package main\nimport \"fmt\"\n" + decls + "\nfunc main() {\n" + strings.Join(g.stmts, "\n") + "\n}\n"
}

func runProgram(t *testing.T, source string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "run", file).CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s\n%s", err, out, source)
	}
	return string(out)
}

// TestManyCells loads many plugins into one process.
func TestManyCells(t *testing.T) {
	nb := open(t)
	nb.run("total := 0\ntype T struct{ n int }\nvar list []any")
	for i := range 40 {
		nb.run(fmt.Sprintf("func f%d(k int) int { return k + total }\ntotal = f%d(1)\nlist = append(list, T{total})", i, i))
	}
	nb.prints("fmt.Print(total, len(list), list[39].(T).n)", "40 40 40")
}
