package engine

import (
	"strings"
	"testing"
)

func TestValuesPersist(t *testing.T) {
	nb := open(t)
	nb.run(`type point struct { x, y int; Name string; tag string }
func (p point) dist() int { return p.x*p.x + p.y*p.y }
type shape interface { dist() int }
func f() int { return 1 }
func g() int { return f()*100 }
func two(s string) (int, error) { if s=="" { return 0, errors.New("empty") }; return len(s), nil }
func mapT[T, U any](xs []T, h func(T) U) (r []U) { for _, x := range xs { r = append(r, h(x)) }; return }
type stack[T any] struct { items []T }
func (s *stack[T]) push(v T) { s.items = append(s.items, v) }`)
	nb.prints(`p := point{x: 1, y: 2, Name: "a", tag: "t"}
ps := []*point{&p}
var s shape = p
n, err := two("hello")
st := &stack[string]{}
st.push("one")
oldg := g
fmt.Println(p, n, err, g())
b, _ := json.Marshal(p)
fmt.Printf("%s %+v %T\n", b, p, p)`, "{1 2 a t} 5 <nil> 100\n{\"Name\":\"a\"} {x:1 y:2 Name:a tag:t} main.point\n")
	nb.prints(`m, err := two("")
p.x += 10
st.push("two")
fmt.Println(m, err, ps[0].x, s.dist(), st.items, mapT(ps, func(q *point) string { return strings.Repeat(q.Name, q.x) }))`,
		"0 empty 11 5 [one two] [aaaaaaaaaaa]\n")
	nb.shows("func f() int { return 7 }\ng()", "700")
	nb.prints("fmt.Println(g(), oldg())", "700 700\n") // a function value calls the new g, too
	nb.run("func (p point) String() string { return fmt.Sprintf(\"<%d,%d>\", p.x, p.y) }")
	nb.prints("fmt.Println(p, *ps[0], s)\n_, ok := s.(point)", "<11,2> <11,2> <1,2>\n")
	nb.shows("ok", "true")
}

func TestTypeRedefined(t *testing.T) {
	nb := open(t)
	nb.prints(`type Node struct { Val int; next *Node }
type List struct { head *Node; n int }
l := List{&Node{1, nil}, 1}
k := 3
fmt.Printf("%+v", *l.head)`, "{Val:1 next:<nil>}")
	nb.prints("func (n *Node) Twice() int { return 2*n.Val }\nfmt.Print(l.head.Twice())", "2")
	out := nb.run("type Node struct { Name string; Val int; next *Node }\nk")
	if !strings.Contains(out.stderr, "variable l is gone") || len(out.results) != 1 || out.results[0] != "3" {
		t.Errorf("redefinition notes %q and shows %q", out.stderr, out.results)
	}
	nb.fails("l.n", "CompileError", "undefined: l", "cell[4]:1:1")
	nb.prints("l := List{&Node{\"a\", 1, nil}, 1}\nfmt.Printf(\"%+v\", *l.head)", "{Name:a Val:1 next:<nil>}")
	nb.prints("fmt.Printf(\"%+v %d %d\", *l.head, l.head.Twice(), k)", "{Name:a Val:1 next:<nil>} 2 3")
}

func TestCellWithAnEditedTypeRunsAgain(t *testing.T) {
	nb := open(t)
	nb.run("type T struct{ a int }\nvar x, y T\nz := []T{{a: 1}}\nother := &x\nfunc f() string { return fmt.Sprintf(\"%+v%+v\", x, z) }")
	out := nb.run("type T struct{ a, b, c int }\nvar x, y T\nz := []T{{b: 2}}\nfmt.Print(f(), y)")
	if out.stdout != "{a:0 b:0 c:0}[{a:0 b:2 c:0}]{0 0 0}" || strings.Count(out.stderr, "is gone") != 1 || !strings.Contains(out.stderr, "variable other is gone") {
		t.Errorf("prints %q, notes %q", out.stdout, out.stderr)
	}
	nb.prints("x.c++\nfmt.Print(f())", "{a:0 b:0 c:1}[{a:0 b:2 c:0}]")
	nb.fails("type T struct{ a string }\nx := T{a: x.a}", "CompileError", "undefined: x (dropped: its type T was redefined)")
	nb.fails("type T struct{ a, b, c, d int }\nx := fmt.Sprint(x.d)", "CompileError", "undefined: x (dropped: its type T was redefined)")
	nb.prints("fmt.Print(f())", "{a:0 b:0 c:1}[{a:0 b:2 c:0}]")
	nb.prints("type T struct{ a, b, c, d int }\nx := \"other\"\nfmt.Print(x)", "other")
}

func TestSameCellTwiceKeepsTypes(t *testing.T) {
	nb := open(t)
	const define = "type T struct{ n int }\nfunc (t T) String() string { return \"T\" }"
	nb.run(define + "\nvar boxed any = T{1}")
	nb.run(define)
	nb.shows("_, same := boxed.(T)\nsame", "true")
}

func TestValueInAnInterfaceKeepsItsType(t *testing.T) {
	nb := open(t)
	nb.run("type T struct{ n int }\nvar boxed any = T{1}")
	nb.run("type T struct{ n, m int }")
	nb.fails("boxed.(T)", "Panic", "interface conversion", "The type was redefined")
	nb.prints("fmt.Printf(\"%+v\", boxed)", "{n:1}")
}

func TestMethodsSeeRedefinedHelpers(t *testing.T) {
	nb := open(t)
	nb.run("func helper() string { return \"old\" }\ntype T struct{}\nfunc (T) String() string { return helper() }\nx := T{}")
	nb.prints("fmt.Print(x)", "old")
	nb.prints("func helper() string { return \"new\" }\nfmt.Print(x)", "new")
}

func TestVariableChangesType(t *testing.T) {
	nb := open(t)
	nb.run("x := 1\nfunc incr() { x++ }\nincr(); incr()")
	nb.shows("x", "3")
	out := nb.run("x := fmt.Sprint(x, \"!\")\nx")
	if want := `"3!"`; len(out.results) != 1 || out.results[0] != want {
		t.Errorf("shows %q, want %s", out.results, want)
	}
	if !strings.Contains(out.stderr, "func incr was dropped: cell[1]:2:15: ") {
		t.Errorf("no note that incr no longer compiles: %q", out.stderr)
	}
	nb.fails("incr()", "CompileError", "undefined: incr")
	nb.shows("x", `"3!"`)
}

func TestFunctionsUseVariablesOfTheirCell(t *testing.T) {
	nb := open(t)
	nb.prints(`var counter = 10
func bump() int { counter++; return counter }
%%
bump()
fmt.Println(bump(), counter)`, "12 12\n")
	nb.shows("counter", "12")
}

func TestMainAndInit(t *testing.T) {
	nb := open(t)
	nb.prints(`var log []string
func init() { log = append(log, "init") }
func init_more() { log = append(log, "init_more") }
func main() { log = append(log, "main"); fmt.Println(log) }`, "[init init_more main]\n")
	nb.prints(`fmt.Println(len(log))`, "3\n")
	nb.prints("%%\nlocal := 1\nfmt.Println(local)", "1\n")
	nb.fails("local", "CompileError", "undefined: local")
}

func TestFlagsAndArguments(t *testing.T) {
	nb := open(t)
	const cell = "var size = flag.Int(\"size\", 3, \"how many\")\n%% --size=5 rest\nfmt.Println(*size, flag.Args(), os.Args[1:])"
	nb.prints(cell, "5 [rest] [--size=5 rest]\n")
	nb.prints(cell, "5 [rest] [--size=5 rest]\n")
	nb.prints("%% --size=7\nfmt.Println(*size)", "7\n")
}

func TestLocalTypesStayApart(t *testing.T) {
	nb := open(t)
	nb.prints("var keep any\nfunc h() any { type local struct { a int; b string }; return local{1, \"s\"} }\nkeep = h()\nfmt.Printf(\"%+v\", keep)", "{a:1 b:s}")
	nb.prints("func h2() any { type local struct { s []string; f float64 }; return local{[]string{\"x\"}, 2.5} }\nv := h2()\nfmt.Printf(\"%+v %+v\", v, keep)", "{s:[x] f:2.5} {a:1 b:s}")
	nb.prints("func pick[T any](x T) string { type w struct { v T }; return fmt.Sprintf(\"%T %v\", w{x}, any(x)) }\nfmt.Println(pick(1), pick(\"a\"), pick(v))", "main.w[int] 1 main.w[string] a main.w[interface {}] {[x] 2.5}\n")
	nb.prints("func pick[T any](x T) string { type q struct { n int; v T }; type w struct { v []T }; return fmt.Sprintf(\"%T %+v %T\", w{[]T{x}}, w{[]T{x}}, q{}) }\nfmt.Println(pick(1), pick(\"a\"))", "main.w[int] {v:[1]} main.q[int] main.w[string] {v:[a]} main.q[string]\n")
}

func TestLocalTypesOfAFunctionStayTheSame(t *testing.T) {
	nb := open(t)
	nb.run(`type T struct{ n int }
func first() any { type local struct{ n int }; return local{1} }
func second(n int) any { type pair struct{ a, b T }; type other [2]pair; return other{{a: T{n: n}}} }
func third[V any](v V) any { type key struct{ v V }; return key{v} }
var a, b, c any = first(), second(2), third("x")
seen := map[any]int{first(): 1, second(2): 2, third(3): 3, third("x"): 4}`)
	nb.run("func unrelated() any { type local struct{ s string }; return local{\"s\"} }\nd := unrelated()")
	nb.prints("fmt.Print(c == third(\"x\"), d == unrelated(), seen[third(3)])", "true true 3")
	nb.prints("fmt.Print(seen[second(2)], b == second(2), a == first(), seen[first()], a == d)", "2 true true 1 false")
	nb.prints("func first() any { type local struct{ n, m int }; return local{1, 2} }\nfmt.Printf(\"%v %+v %+v \", a == first(), first(), a)\nfmt.Print(b == second(2))", "false {n:1 m:2} {n:1} true")
	nb.prints("type T struct{ n int; s string }\nfmt.Printf(\"%v %+v %+v %v\", b == second(2), second(2), b, c == third(\"x\"))", "false [{a:{n:2 s:} b:{n:0 s:}} {a:{n:0 s:} b:{n:0 s:}}] [{a:{n:2} b:{n:0}} {a:{n:0} b:{n:0}}] true")
}

func TestClosuresKeepTheirVariables(t *testing.T) {
	nb := open(t)
	nb.run("func counter() func() int { n := 0; return func() int { n++; return n } }\nnext := counter()\nother := counter()")
	nb.prints("fmt.Print(next(), next(), other())", "1 2 1")
	nb.prints("total := 0\nadd := func(k int) { total += k }\nadd(2); add(3)\nfmt.Print(total)", "5")
	nb.prints("add(10)\nfmt.Print(total, next())", "15 3")
}

func TestMethodsAddedLater(t *testing.T) {
	nb := open(t)
	nb.prints(`type Node struct { Val int; next *Node }
type List struct { head *Node; N int }
func (l *List) Push(v int) { l.head = &Node{v, l.head}; l.N++ }
func (l List) String() string { s := ""; for n := l.head; n != nil; n = n.next { s += fmt.Sprint(n.Val, " ") }; return s }
var l List
l.Push(1); l.Push(2)
fmt.Println(l)`, "2 1 \n")
	nb.shows("func (l *List) Sum() (t int) { for n := l.head; n != nil; n = n.next { t += n.Val }; return }\nl.Push(3)\nl.Sum()", "6")
	nb.prints("fmt.Printf(\"%v %v\", l, l.Sum())\nvar st fmt.Stringer = l", "3 2 1  6")
}

func TestShown(t *testing.T) {
	nb := open(t)
	nb.run("func pair() (int, string) { return 1, \"b\" }\nfunc none() {}\nfunc ok() (string, error) { return \"fine\", nil }")
	for _, c := range []struct {
		cell string
		want []string
	}{
		{"1 + 2", []string{"3"}},
		{"\"text\"", []string{`"text"`}},
		{"pair()", []string{"1\n\"b\""}},
		{"none()", nil},
		{"ok()", []string{`"fine"`}},
		{"len([]int{1, 2})", []string{"2"}},
		{"[]int{4, 5}", []string{"[]int{4, 5}"}},
		{"fmt.Println()", nil},
		{"x := 5", nil},
		{"x", []string{"5"}},
		{"x;", nil},
		{"x // a comment", []string{"5"}},
		{"float64(x)/2", []string{"2.5"}},
		{"for i := 0; i < 2; i++ {}", nil},
	} {
		out := nb.run(c.cell)
		if strings.Join(out.results, "|") != strings.Join(c.want, "|") {
			t.Errorf("%q shows %q, want %q", c.cell, out.results, c.want)
		}
	}
}

func TestUnusedIsFine(t *testing.T) {
	nb := open(t)
	nb.prints(`import "os"
func f() int {
	unused := 1
	var also, again int
	for i, v := range []int{1} { }
	if n := 2; true { deep := 3 }
	switch s := any(1).(type) { case int: }
	return 5
}
fmt.Print(f())`, "5")
	nb.prints("%%\nlocal := 3\nfmt.Print(4)", "4")
}

func TestNameOfAPackageForAVariable(t *testing.T) {
	nb := open(t)
	nb.run("func text() string { return strings.ToUpper(\"a\") }")
	nb.prints("strings := []string{\"x\"}\nfmt.Print(strings, text())", "[x]A")
	nb.prints("fmt.Print(len(strings), text())", "1A")
}

func TestUnexportedTypesOfOthersStayLocal(t *testing.T) {
	nb := open(t)
	out := nb.run("order, n := binary.LittleEndian, 7\nfmt.Print(order)")
	if out.stdout != "LittleEndian" || !strings.Contains(out.stderr, "order is known in this cell only") {
		t.Errorf("prints %q, notes %q", out.stdout, out.stderr)
	}
	nb.shows("n", "7")
}

func TestUnexportedMethodsStayReachable(t *testing.T) {
	nb := open(t)
	nb.run("type T struct{ k int }\nfunc (t T) m() int { return t.k }\nfunc (t *T) pm(a, b string) (T, error) { return *t, nil }\nx := T{4}\nvar bx any = x\nvar bp any = &x\ntype S[V any] struct { v V }\nfunc (s S[V]) get() V { return s.v }\nvar bs any = S[int]{3}")
	nb.run("type M interface{ m() int }\ntype P interface{ pm(a, b string) (T, error) }\nfunc dyn(v any) int { return v.(M).m() }\nfunc dynp(v any) int { t, _ := v.(P).pm(\"a\", \"b\"); return t.k }")
	nb.prints("fmt.Print(dyn(bx), dynp(bp), bs.(interface{ get() int }).get())", "4 4 3")
}

func TestRemovedVariablesFreeTheirMemory(t *testing.T) {
	nb := open(t)
	nb.run("freed := make(chan bool, 1)\nbig := new([1 << 20]int)\nruntime.SetFinalizer(big, func(*[1 << 20]int) { freed <- true })")
	nb.run("%rm big")
	nb.shows("runtime.GC()\nselect {\ncase <-freed:\ncase <-time.After(5 * time.Second):\n\tpanic(\"still there\")\n}\ntrue", "true")
	nb.fails("big", "CompileError", "undefined: big")
}

func TestCommandsOnTheSession(t *testing.T) {
	nb := open(t)
	nb.run("x, y := 1, 2\nfunc f() {}")
	nb.run("%rm y f")
	nb.shows("x", "1")
	nb.fails("f()", "CompileError", "undefined: f")
	nb.run("%env GREETING=hello")
	nb.shows("os.Getenv(\"GREETING\")", `"hello"`)
	nb.prints("!echo $GREETING", "hello\n")
	nb.run("!mkdir sub")
	nb.run("%cd sub")
	nb.prints("dir, err := os.Getwd()\nfmt.Print(filepath.Base(dir), err)", "sub<nil>")
	nb.prints("!basename $PWD", "sub\n")
	nb.prints("!*head -1 go.mod", "module session\n")
	nb.run("%reset")
	nb.fails("x", "CompileError", "undefined: x")
	nb.run("x := \"again\"")
	nb.shows("x", `"again"`)
}
