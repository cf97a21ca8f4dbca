package engine

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLanguage runs the language through cells, one after the other: what the
// check accepts must compile, run and be shown.
func TestLanguage(t *testing.T) {
	nb := open(t)
	for _, c := range []struct{ cell, want string }{
		{"type T struct{ sync.Mutex; n int }\nvar tv T\ntv.Lock(); tv.n++; tv.Unlock()\ntv.n", "|1"},
		{"func (t *T) Inc() { t.Lock(); defer t.Unlock(); t.n++ }\ntv.Inc()\ntv.n", "|2"},
		{"type I interface{ Inc() }\nvar i I = &tv\ni.Inc()\ntv.n", "|3"},
		{"var arr [3]int\narr[1] = 2\nfor i, v := range arr { fmt.Print(i, v) }", "0 01 22 0|"},
		{"m := map[string]struct{ a, b int }{\"x\": {1, 2}}\nv, ok := m[\"x\"]\nv.a", "|1"},
		{"var (\n\tq = 1\n\tw, e = 2, \"s\"\n\tr float32\n)\nq + w", "|3"},
		{"var z1, z2 = func() (int, error) { return 1, nil }()\nz1", "|1"},
		{"x, y := 1, 2\nx, y = y, x\nx, w2 := 5, y\nx + w2", "|6"},
		{"outer:\nfor i := range 3 { for j := range 3 { if j == 1 { continue outer }; fmt.Print(i, j, \" \") } }", "0 0 1 0 2 0 |"},
		{"func seq(n int) iter.Seq[int] { return func(yield func(int) bool) { for i := range n { if !yield(i) { return } } } }\nfor v := range seq(3) { fmt.Print(v) }", "012|"},
		{"s := struct{ A int; b string }{1, \"x\"}\ns.b", "|\"x\""},
		{"s.A = 4\ns", "|struct { A int; b string }{A: 4, b: \"x\"}"},
		{"type Num interface{ ~int | ~float64 }\nfunc Sum[T Num](xs ...T) (t T) { for _, x := range xs { t += x }; return }\nSum(1.5, 2)", "|3.5"},
		{"type Pair[K comparable, V any] struct { Key K; Val V }\nfunc (p Pair[K, V]) String() string { return fmt.Sprint(p.Key, \"=\", p.Val) }\np := Pair[string, int]{\"a\", 1}\np", "|a=1"},
		{"func MakePair[K comparable, V any](k K, v V) Pair[K, V] { return Pair[K, V]{k, v} }\nps := []Pair[string, int]{MakePair(\"x\", 2), p}\nps", "|[]Pair[string,int]{x=2, a=1}"},
		{"func (p *Pair[K, V]) Set(v V) { p.Val = v }\np.Set(7)\np.Val", "|7"},
		{"type Tree[T any] struct { L, R *Tree[T]; V T }\nfunc (t *Tree[T]) Walk(f func(T)) { if t == nil { return }; t.L.Walk(f); f(t.V); t.R.Walk(f) }\ntr := &Tree[int]{V: 2, L: &Tree[int]{V: 1}}\ntr.Walk(func(v int) { fmt.Print(v) })", "12|"},
		{"type E int\nconst (\n\tA E = iota\n\tB\n\tC\n)\nfunc (e E) String() string { return [...]string{\"A\", \"B\", \"C\"}[e] }\nfmt.Println(A, B, C)", "A B C\n|"},
		{"[]E{B, C}", "|[]E{B, C}"},
		{"type Base struct{ ID int }\nfunc (b *Base) SetID(i int) { b.ID = i }\ntype Derived struct { Base; Name string }\nd := Derived{Base{1}, \"n\"}\nd.SetID(5)\nd.ID", "|5"},
		{"func (b Base) Show() string { return fmt.Sprint(b.ID) }\nd.Show() + d.Base.Show()", "|\"55\""},
		{"wg := sync.WaitGroup{}\nfor i := range 3 { wg.Add(1); go func() { defer wg.Done(); _ = i }() }\nwg.Wait()", "|"},
		{"results := make(chan int, 3)\ngo func(out chan<- int) { for i := range 3 { out <- i }; close(out) }(results)\nfor r := range results { fmt.Print(r) }", "012|"},
		{"var once sync.Once\nonce.Do(func() { fmt.Print(1) })\nonce.Do(func() { fmt.Print(2) })", "1|"},
		{"var e2 *strconv.NumError\n_, err := strconv.Atoi(\"q\")\nerrors.As(err, &e2)", "|true"},
		{"const big = 1 << 100\nbig >> 98", "|4"},
		{"type F func(int) int\nfunc (f F) Twice(x int) int { return f(f(x)) }\nF(func(x int) int { return x * 3 }).Twice(2)", "|18"},
		{"type Celsius float64\nvar temp Celsius = 36.6\ntemp * 2", "|73.2"},
		{"x1 := []int{3, 1, 2}\nsort.Slice(x1, func(i, j int) bool { return x1[i] > x1[j] })\nx1[0]", "|3"},
		{"type node struct { kids []*node; parent *node }\nroot := &node{}\nroot.kids = append(root.kids, &node{parent: root})\nlen(root.kids)", "|1"},
		{"goto end\nfmt.Print(\"skipped\")\nend:\nfmt.Print(\"end\")", "end|"},
		{"if v, err := strconv.Atoi(\"5\"); err == nil { fmt.Print(v) } else { fmt.Print(err) }", "5|"},
		{"var iface interface { String() string } = &p\niface.String()", "|\"a=7\""},
		{"any(p).(fmt.Stringer).String()", "|\"a=7\""},
		{"var buf bytes.Buffer\nbuf.WriteString(\"x\")\nfmt.Fprintf(&buf, \"%d\", 1)\nbuf.String()", "|\"x1\""},
		{"α := 3\nα * 2", "|6"},
		{"α = 5; β := α\nβ", "|5"},
		{"type Größe struct{ w int }\nvar g Größe\ng.w", "|0"},
		{"{ inner := 1; fmt.Print(inner) }", "1|"},
		{"func variadic(a int, b ...string) int { return a + len(b) }\ngo variadic(1, \"a\", \"b\")\nvariadic(1)", "|1"},
		{"go fmt.Sprint()\ngo func() {}()\ngo tv.Inc()\ntime.Sleep(10*time.Millisecond)\ntv.n", "|4"},
		{"ctx2, cancel := context.WithTimeout(ctx, time.Second)\ndefer cancel()\nctx2.Err() == nil", "|true"},
		{"type Opt func(*int)\nfunc With(n int) Opt { return func(p *int) { *p = n } }\nk := 0\nWith(4)(&k)\nk", "|4"},
		{"pk := &k\n*pk++\nk", "|5"},
		{"var matrix [2][2]float64\nmatrix[1][1] = 3\nmatrix", "|   0  1\n0  0  0\n1  0  3"},
		{"func fib() func() int { a, b := 0, 1; return func() int { defer func() { a, b = b, a+b }(); return a } }\nnx := fib()\nfor range 5 { fmt.Print(nx(), \" \") }", "0 1 1 2 3 |"},
		{"func() int { return 5 }()", "|5"},
		{"x == 1 && y == 2", "|false"},
		{"*pk", "|5"},
		{"<-func() chan int { c := make(chan int, 1); c <- 4; return c }()", "|4"},
		{"[]any{1, \"a\", nil}", "|[]any{1, \"a\", nil}"},
		{"min(3, 1, 2)", "|1"},
		{"x2 := 5\nfunc usesX2() int { return x2 * 2 }\nusesX2()", "|10"},
		{"x2 = 10\nusesX2()", "|20"},
		{"const limit = 3\ntype Fixed [limit]int\nvar fx Fixed\nlen(fx)", "|3"},
		{"const limit = 4\nvar fx2 Fixed\nlen(fx2)", "|4"},
	} {
		out := nb.run(c.cell)
		if got := out.stdout + "|" + strings.Join(out.results, ";"); got != c.want {
			t.Errorf("%s\ngives %q, want %q", c.cell, got, c.want)
		}
	}
}

// Packages that look for Go find it.
func TestCellsKnowWhereGoIs(t *testing.T) {
	nb := open(t)
	nb.shows("runtime.GOROOT() == "+strconv.Quote(nb.home.Toolchain.GOROOT), "true")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // some of go/types may have to be compiled
	defer cancel()
	out, err := nb.tryContext(ctx, "import (\"go/build\"; \"go/importer\"; \"go/token\")\np, err := build.Import(\"fmt\", \"\", build.FindOnly)\nfmt.Println(p.Goroot, err)\n"+
		"q, err := importer.ForCompiler(token.NewFileSet(), \"source\", nil).Import(\"errors\")\nfmt.Println(q, err)")
	if want := "true <nil>\npackage errors (\"errors\") <nil>\n"; err != nil || out.stdout != want {
		t.Errorf("prints %q, error %v", out.stdout, err)
	}
}

// Frames of panics name functions as the user does.
func TestFramesOfPanics(t *testing.T) {
	nb := open(t)
	nb.run("type T struct{}\nfunc (T) m() { func() { panic(\"m\") }() }\nfunc f() { func() { panic(\"f\") }() }")
	for code, want := range map[string]string{"func() { panic(1) }()": "", "f()": " in f.func1", "T{}.m()": " in T.m.func1", "func main() { func() { panic(1) }() }": " in main.func1",
		"func main() { panic(1) }": " in main", "func init() { panic(1) }": " in init", "make([]int, 1<<40)": "", "panic(1)": "",
		"%timeit panic(1)": "", "g := func() { panic(1) }\ng()": "", "for _, f := range []func(){f} { f() }": " in f.func1"} {
		trace := plainText(strings.Join(nb.fails(code, "Panic").err.Traceback, "\n"))
		if strings.Contains(trace, "__") || strings.Contains(trace, "in runtime.") || !strings.Contains(trace, want+"\n") {
			t.Errorf("%s: lacks %q:\n%s", code, want, trace)
		}
		if want == "" && strings.Contains(trace, " in main") {
			t.Errorf("%s: statements are no function:\n%s", code, trace)
		}
	}
}

// Functions have the names that they would have in a program.
func TestNamesOfFunctions(t *testing.T) {
	nb := open(t)
	nb.prints("func f() {}\ng, h := f, func() {}\nname := func(f func()) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }\nfmt.Print(name(f), \" \", name(g), \" \", name(h))",
		"main.f main.f main.main.func1")
	nb.prints("pc, _, _, _ := runtime.Caller(0)\nfmt.Print(runtime.FuncForPC(pc).Name())", "main.main")
	nb.fails("var big [4 << 30]byte\nbig[3] = 1", "CompileError", "big: symbol too large")
	if out, err := nb.try("var big [4 << 30]byte\nbig[3] = 1"); err == nil || strings.Contains(err.Value+strings.Join(err.Traceback, ""), "sess") {
		t.Errorf("error %v, %q", err, out.stderr)
	}
}

// An address that is none fails the cell, or ends the goroutine, and no more.
func TestBadAddresses(t *testing.T) {
	nb := open(t)
	nb.run("kept := 42\np := (*int)(unsafe.Pointer(uintptr(0xdeadbeef0)))")
	for _, code := range []string{"*p = 3", "_ = *p + 1", "s := \"abc\"; *unsafe.StringData(s) = 'x'"} {
		if out := nb.fails(code, "Panic", "invalid memory address", "cell["); out.stderr != "" {
			t.Errorf("%s: stderr %q", code, out.stderr)
		}
	}
	out := nb.run("ended := make(chan bool)\ngo func() { defer close(ended); *p = 4 }()\n<-ended\ntime.Sleep(50 * time.Millisecond)")
	if !strings.Contains(out.stderr, "a goroutine ended in a panic") || strings.Contains(out.stderr, "goroutine 1 ") {
		t.Errorf("stderr %q", out.stderr)
	}
	nb.shows("kept", "42")
}
