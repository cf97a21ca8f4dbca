package compile

import "strings"

// A fact about the linker that cells depend on: packages, each with a func run,
// that are loaded into one process one after another, and what each prints.
type fact struct {
	name  string
	cells []factCell
}

type factCell struct {
	source, prints string
	shared         []string // the variables that all cells share
}

const (
	identity = "type T struct{ n int }\ntype G[V any] struct{ v V }\nvar boxed, generic any\n"
	stringer = "import (\"fmt\"; \"time\")\nvar _ = time.UTC\ntype T struct{ n int }\nfunc (t T) String() string { return \"T\" }\n"
	named    = "import (\"fmt\"; \"reflect\")\ntype T struct{ a, B int }\ntype t struct{ a, B int }\ntype tagged = struct{ A int `sess.T` }\ntype G[A any] struct{ a A }\ntype S struct{ T; t `x` }\n"
	later    = "import (\"fmt\"; \"reflect\")\ntype T struct{ n int }\n"
	made     = "import \"reflect\"\ntype K struct{ a, b int32; c float64 }\n"
	dynamic  = "type M interface { m() int }\ntype T struct{}\n//go:noinline\nfunc dynamic(v any) int { return v.(M).m() }\n"
)

var facts = []fact{
	{"variables are shared, functions are not", []factCell{
		{"var x int\nvar old func() int\nfunc f() int { return 1 }\nfunc run() { x = 5; old = f; print(f()) }", "1", []string{"x", "old"}},
		{"var x int\nvar old func() int\nfunc f() int { return 2 }\nfunc run() { x++; print(x, f(), old()) }", "621", []string{"x", "old"}},
		{"var x int\nfunc run() { print(x) }", "6", []string{"x"}},
	}},
	{"hidden variables are not shared", []factCell{
		{"var x = 1\nfunc run() { x++; print(x) }", "2", nil},
		{"var x = 7\nfunc run() { print(x) }", "7", nil},
	}},
	{"types keep their identity", []factCell{
		{identity + "func run() { boxed = T{3}; generic = G[T]{T{4}} }", "", []string{"boxed", "generic"}},
		{identity + "func run() { t, ok := boxed.(T); g, ok2 := generic.(G[T]); print(t.n, ok, g.v.n, ok2) }", "3true4true", []string{"boxed", "generic"}},
	}},
	{"methods of a type come from its newest descriptor", []factCell{
		{dynamic + "func (T) m() int { return 1 }\nvar old M\nfunc run() { old = T{}; print(dynamic(T{})) }", "1", []string{"old"}},
		{dynamic + "func (T) m() int { return 2 }\nvar old M\nfunc run() { _, ok := old.(T); print(dynamic(T{}), T{}.m(), old.m(), ok) }", "222true", []string{"old"}},
		{strings.ReplaceAll(dynamic+"func (T) m() int { return 3 }\nfunc run() { print(dynamic(T{})) }", "T", "Tʼ2"), "3", nil},
	}},
	{"a type gets methods later", []factCell{
		{later + "var a, p any\nvar is func(any) bool\nfunc run() { a, p, is = T{4}, &T{5}, func(v any) bool { _, ok := v.(fmt.Stringer); return ok }; for range 5000 { is(a); is(p) }; fmt.Print(is(a), is(p), reflect.TypeOf(p).NumMethod()) }", "false false 0", []string{"a", "p", "is"}},
		{later + "func (t T) String() string { return fmt.Sprint(\"T\", t.n) }\nfunc (t *T) Set(n int) { t.n = n }\nvar a, p any\nvar is func(any) bool\nfunc run() { p.(interface{ Set(int) }).Set(6); _, ok := a.(T); m, has := reflect.TypeOf(a).MethodByName(\"String\"); " +
			"fmt.Print(a, p, ok, is(a), is(p), has, m.Func.Call([]reflect.Value{reflect.ValueOf(a)})[0], reflect.ValueOf(p).Method(1).Call(nil)[0], reflect.TypeOf(p).NumMethod(), reflect.TypeOf(p).Implements(reflect.TypeFor[fmt.Stringer]())) }", "T4 T6 true true true true T4 T6 2 true", []string{"a", "p", "is"}},
	}},
	{"interfaces made at run time are those of later cells", []factCell{
		{stringer + "var s, p fmt.Stringer\nvar r fmt.Stringer\nvar m = map[fmt.Stringer]int{}\nfunc run() { var a, b, c any = T{1}, &T{2}, time.UTC; s, p, r = a.(fmt.Stringer), b.(fmt.Stringer), c.(fmt.Stringer); m = map[fmt.Stringer]int{s: 7} }", "", []string{"s", "p", "r", "m"}},
		{stringer + "var s, p fmt.Stringer\nvar r fmt.Stringer\nvar m map[fmt.Stringer]int\nvar static fmt.Stringer = T{1}\nfunc run() { _, ok := s.(T); _, ok2 := p.(*T); _, ok3 := r.(*time.Location); k := \"\"; switch s.(type) { case *T: k = \"*T\"; case T: k = \"T\"; case *time.Location: k = \"?\" }; fmt.Print(ok, ok2, ok3, k, s == T{1}, s == static, m[T{1}], m[static]) }", "true true trueTtrue true 7 7", []string{"s", "p", "r", "m"}},
		{stringer + "var s fmt.Stringer\nfunc run() { var a any = T{1}; s = T{1}; fmt.Print(a.(fmt.Stringer) == s) }", "true", []string{"s"}},
	}},
	{"types made at run time are those of later cells", []factCell{
		{made + "var all []any\nfunc run() { t := reflect.TypeOf(K{}); n := reflect.TypeOf(0); list := reflect.SliceOf(t); for _, u := range []reflect.Type{list, reflect.MapOf(t, n), reflect.ChanOf(reflect.BothDir, t), reflect.ArrayOf(3, t), reflect.FuncOf([]reflect.Type{t}, []reflect.Type{list}, false), reflect.PointerTo(list), reflect.SliceOf(list), " +
			"reflect.StructOf([]reflect.StructField{{Name: \"A\", Type: t}, {Name: \"B\", Type: list, Tag: `x:\"y\"`}})} { all = append(all, reflect.New(u).Elem().Interface()) }; m := reflect.MakeMap(reflect.TypeOf(all[1])); m.SetMapIndex(reflect.ValueOf(K{1, 2, 3}), reflect.ValueOf(9)); all[1] = m.Interface() }", "", []string{"all"}},
		{made + "var all []any\ntype M map[K]int\nfunc run() { var m M; reflect.ValueOf(&m).Elem().Set(reflect.ValueOf(all[1])); for _, v := range all { switch v := v.(type) { case []K: print(1); case map[K]int: print(2, v[K{1, 2, 3}], m[K{1, 2, 3}]); case chan K: print(3); case [3]K: print(4); case func(K) []K: print(5); case *[]K: print(6); case [][]K: print(7); case struct { A K; B []K `x:\"y\"` }: print(8) } }; " +
			"print(reflect.SliceOf(reflect.TypeOf(K{})) == reflect.TypeOf([]K{}), reflect.TypeOf(all[6]).Elem() == reflect.TypeOf([]K{})) }", "129" + "9345678truetrue", []string{"all"}},
	}},
	{"local types need padding", []factCell{
		{"import \"fmt\"\nvar kept any\nfunc run() { type local struct{ a int }; kept = local{1}; fmt.Print(kept) }", "{1}", []string{"kept"}},
		{"import \"fmt\"\nvar kept any\nfunc pad() { type t0 int }\nfunc run() { type local struct{ s []string; f float64 }; fmt.Print(local{[]string{\"x\"}, 2}, kept) }", "{[x] 2} {1}", []string{"kept"}},
	}},
	{"names may have any letters", []factCell{
		{"var größe int\nfunc run() { größe = 3 }", "", []string{"größe"}},
		{"var größe int\nfunc run() { print(größe) }", "3", []string{"größe"}},
	}},
	{"maps of packages are filled", []factCell{
		{"import \"unicode\"\nfunc run() { print(unicode.IsUpper('A')) }", "true", nil},
		{"import \"unicode\"\nfunc run() { print(len(unicode.Properties) > 20, len(unicode.Scripts) > 100) }", "truetrue", nil},
	}},
	{"the collector knows the variables of plugins", []factCell{
		{"import \"time\"\nimport \"runtime\"\nvar when []*time.Time\nvar timer struct{ a int; t time.Time; s []string }\nfunc run() { for i := range 1000 { t := time.Unix(int64(i), 0); when = append(when, &t) }; timer.s = []string{string(make([]byte, 3))}; timer.t = time.Now(); runtime.GC() }", "", []string{"when", "timer"}},
		{"import \"time\"\nimport \"runtime\"\nvar when []*time.Time\nvar timer struct{ a int; t time.Time; s []string }\nfunc run() { for range 10 { runtime.GC(); _ = make([][]byte, 1000) }; print(when[999].Unix(), len(timer.s[0])) }", "9993", []string{"when", "timer"}},
	}},
	{"functions have names", []factCell{
		{"import \"runtime\"\nfunc run() { pc, _, _, _ := runtime.Caller(0); print(runtime.FuncForPC(pc).Name()) }", "main.run", nil},
	}},
	{"types have the names of a program", []factCell{
		{named + "func run() { fmt.Printf(\"%T %T %T %T %+v \", T{}, G[*T]{}, map[string]*G[T]{}, tagged{}, S{}); t := reflect.TypeOf(T{}); fmt.Print(t.PkgPath(), t.Name(), reflect.SliceOf(t) == reflect.TypeOf([]T{})) }",
			"main.T main.G[*main.T] map[string]*main.G[main.T] struct { A int \"sess.T\" } {T:{a:0 B:0} t:{a:0 B:0}} mainTtrue", nil},
		{"import (\"fmt\"; \"reflect\")\ntype Tʼ12 struct{ a, B int }\ntype tʼ3 struct{ a, B int }\ntype G[A any] struct{ a A }\ntype S struct{ Tʼ12; tʼ3 `x` }\n" +
			"func run() { fmt.Printf(\"%T %T %#v %+v \", Tʼ12{}, G[*Tʼ12]{}, Tʼ12{}, S{}); f := reflect.TypeOf(S{}).Field(1); fmt.Print(f.Name, f.PkgPath, f.Tag, reflect.SliceOf(reflect.TypeOf(Tʼ12{})) == reflect.TypeOf([]Tʼ12{})) }",
			"main.T main.G[*main.T] main.T{a:0, B:0} {T:{a:0 B:0} t:{a:0 B:0}} tmainxtrue", nil},
	}},
	{"goroutines, defer, panics and stacks that grow", []factCell{
		{"import \"fmt\"\nfunc deep(n int) int { var a [64]int; a[n%64] = n; if n == 0 { return 0 }; return deep(n-1) + a[n%64] - n }\nfunc run() { c := make(chan any); go func() { defer func() { c <- recover() }(); deep(10000); var m map[string]int; m[\"x\"] = 1 }(); fmt.Print(<-c) }",
			"assignment to entry in nil map", nil},
	}},
}
