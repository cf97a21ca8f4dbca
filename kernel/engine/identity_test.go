package engine

import "testing"

// Conversions of a session are what they are in one program: a value that became
// an interface at run time in one cell has its own type in the next.
func TestInterfacesKeepTheirTypes(t *testing.T) {
	for _, c := range []struct {
		name, want string
		cells      []string
	}{
		{"an assertion made the interface", "true T", []string{
			"type T struct{ a int }\nfunc (T) String() string { return \"T\" }", "var a any = T{1}\ns := a.(fmt.Stringer)",
			"_, ok := s.(T)\nk := \"\"\nswitch s.(type) { case T: k = \"T\" }\nfmt.Print(ok, \" \", k)"}},
		{"a package made it", "Celsius", []string{
			"type Celsius float64\nfunc (c Celsius) String() string { return \"c\" }\nt := Celsius(20)\nfmt.Fprint(io.Discard, t)",
			"func kind(x any) string { if v, ok := x.(fmt.Stringer); ok { if _, ok := v.(Celsius); ok { return \"Celsius\" }; return \"other\" }; return \"?\" }\nfmt.Print(kind(t))"}},
		{"recover gave an error", "true true", []string{
			"type E struct{}\nfunc (*E) Error() string { return \"E\" }\nfunc work() (err error) { defer func() { err = recover().(error) }(); panic(&E{}) }",
			"err := work()\n_ = err.Error()", "_, ok := err.(*E)\nvar e *E\nfmt.Print(ok, errors.As(err, &e))"}},
		{"types of the standard library", "true true", []string{
			"f, _ := os.Open(os.DevNull)\nvar fa any = f\nrs := fa.(io.ReadSeeker)", "_, ok := rs.(*os.File)\nvar same io.ReadSeeker = f\nfmt.Print(ok, rs == same)"}},
		{"map keys and ==", "7 true", []string{
			"type P struct{ n int }\nfunc (p *P) String() string { return \"P\" }\np := &P{1}\nvar a any = p\nm := map[fmt.Stringer]int{a.(fmt.Stringer): 7}",
			"var s fmt.Stringer = p\nfmt.Print(m[s], a.(fmt.Stringer) == s)"}},
		{"generic types", "true", []string{
			"type Cons[A any] struct{ head A }\nfunc (Cons[A]) String() string { return \"c\" }\nvar a any = Cons[bool]{true}\nxz := a.(fmt.Stringer)",
			"fmt.Print(xz.(Cons[bool]).head)"}},
		{"reflect made the type first", "true true true", []string{
			"type K struct{ A, B int }\nv := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(K{})), 2, 2).Interface()\nm := reflect.MakeMap(reflect.MapOf(reflect.TypeOf(K{}), reflect.TypeOf(v))).Interface()",
			"_, ok := v.([]K)\n_, ok2 := m.(map[K][]K)\nfmt.Print(ok, ok2, reflect.SliceOf(reflect.TypeOf(K{})) == reflect.TypeOf([]K{}))"}},
		{"maps of a named type", "true 1", []string{
			"type K struct { a, b int32; c float64 }", "k := K{a: 1, b: 2, c: 3}\nm := reflect.MakeMap(reflect.MapOf(reflect.TypeOf(K{}), reflect.TypeOf(true)))\nm.SetMapIndex(reflect.ValueOf(k), reflect.ValueOf(true))",
			"type M map[K]bool\nx := M{}\nreflect.ValueOf(&x).Elem().Set(m)\nx[k] = true\nfmt.Print(x[k], len(x))"}},
		{"a linked package", "true", []string{
			"var n any = mat.NewDense(1, 1, nil)\nd := n.(mat.Matrix)", "_, ok := d.(*mat.Dense)\nfmt.Print(ok)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			nb := open(t)
			for _, cell := range c.cells[:len(c.cells)-1] {
				nb.run(cell)
			}
			last := c.cells[len(c.cells)-1]
			nb.prints(last, c.want)
			// A cell with a package that the worker has not is linked in full.
			nb.prints("_ = httptest.DefaultRemoteAddr\n"+last, c.want)
		})
	}
}

// A type that gets a method, or another one, stays the type it is.
func TestTypesGetMethodsLater(t *testing.T) {
	for _, c := range []struct {
		name, want string
		cells      []string
	}{
		{"errors.As, assertions and switches", "true 3 E", []string{
			"type E struct{ code int }\nfunc (e E) Error() string { return \"E\" }\nvar err error = fmt.Errorf(\"w: %w\", E{3})\nvar held any = E{3}\n_, _ = err, held",
			"func (e E) Code() int { return e.code }",
			"var e E\nok := errors.As(err, &e)\nk := \"\"\nswitch held.(type) { case E: k = \"E\" }\nfmt.Print(ok, \" \", held.(interface{ Code() int }).Code(), \" \", k)"}},
		{"keys of maps and contexts", "1 2 v", []string{
			"type K struct{ n int }\nm := map[any]int{K{1}: 1}\nvar sm sync.Map\nsm.Store(K{2}, 2)\nwith := context.WithValue(context.Background(), K{}, \"v\")",
			"func (k K) String() string { return \"K\" }", "v, _ := sm.Load(K{2})\nfmt.Print(m[K{1}], \" \", v, \" \", with.Value(K{}))"}},
		{"stored values run the new method", "15 25 25", []string{
			"type S struct{ n int }\nfunc (s *S) Inc() { s.n++ }\ns := S{5}\nvar i interface{ Inc() } = &s\nvar stop = make(chan bool)\nvar done = make(chan bool)\ngo func(i interface{ Inc() }) { <-stop; i.Inc(); done <- true }(i)",
			"func (s *S) Inc() { s.n += 10 }", "i.Inc()\nfmt.Print(s.n, \" \")\nstop <- true\n<-done\nfmt.Print(s.n)\nfmt.Print(\" \", i.(*S).n)"}},
		{"methods of several types at once", "WOOF MEOW 1 2 new new", []string{
			"type Animal interface{ Sound() string }\ntype Dog struct{}\nfunc (Dog) Sound() string { return \"woof\" }\ntype Cat struct{ n int }\nfunc (*Cat) Sound() string { return \"meow\" }\nzoo := []Animal{Dog{}, &Cat{}}\n" +
				"type E1 struct{}\nfunc (E1) Error() string { return \"1\" }\ntype E2 struct{}\nfunc (E2) Error() string { return \"2\" }\nerrs := []error{E1{}, E2{}}\n" +
				"type G[T any] struct{ v T }\nfunc (G[T]) Get() string { return \"old\" }\ngs := []interface{ Get() string }{G[float64]{1}, G[string]{\"a\"}}",
			"func (Dog) Sound() string { return \"WOOF\" }\nfunc (*Cat) Sound() string { return \"MEOW\" }\nfunc (E1) Code() int { return 1 }",
			"func (E2) Code() int { return 2 }\nfunc (G[T]) Get() string { return \"new\" }",
			"for _, a := range zoo { fmt.Print(a.Sound(), \" \") }\nfor _, e := range errs { fmt.Print(e.(interface{ Code() int }).Code(), \" \") }\nfmt.Print(gs[0].Get(), \" \", gs[1].Get())"}},
		{"what a method calls", "two", []string{
			"func word() string { return \"one\" }\ntype W struct{}\nfunc (W) String() string { return word() }\nvar s fmt.Stringer = W{}\n_ = s", "func word() string { return \"two\" }", "fmt.Print(s)"}},
		{"embedding", "hello hello", []string{
			"type Base struct{}\ntype Sub struct{ Base }\nvar v any = Sub{}\nvar p any = &Sub{}", "func (Base) Hello() string { return \"hello\" }",
			"fmt.Print(v.(interface{ Hello() string }).Hello(), \" \", p.(interface{ Hello() string }).Hello())"}},
		{"generic types", "int 4", []string{
			"type Box[A any] struct{ a A }\nvar b any = Box[int]{4}", "func (b Box[A]) String() string { return fmt.Sprintf(\"%T %v\", b.a, b.a) }", "fmt.Print(b)"}},
		{"templates and reflection", "Ada! 1 true", []string{
			"type User struct{ Name string }\nu := &User{\"Ada\"}\nvar a any = u\nt := reflect.TypeOf(u)", "func (u *User) Loud() string { return u.Name + \"!\" }",
			"import \"text/template\"\ntemplate.Must(template.New(\"\").Parse(\"{{.Loud}}\")).Execute(os.Stdout, a)\n_, ok := t.MethodByName(\"Loud\")\nfmt.Print(\" \", t.NumMethod(), \" \", ok)"}},
		{"a negative answer is not kept", "true", []string{
			"type N struct{}\nvar n any = N{}\nis := func(v any) bool { switch v.(type) { case error: return false; case fmt.Stringer: return true }; return false }\nfor range 100000 { is(n) }",
			"func (N) String() string { return \"n\" }", "fmt.Print(is(n))"}},
		{"encoders", `{"A":1} "json"`, []string{
			"type J struct{ A int }\nb, _ := json.Marshal(J{1})\nfmt.Fprint(io.Discard, b)\nj := J{1}\nold, _ := json.Marshal(j)",
			"func (J) MarshalJSON() ([]byte, error) { return []byte(`\"json\"`), nil }", "now, _ := json.Marshal(j)\nfmt.Print(string(old), \" \", string(now))"}},
		{"tags", `{"A":1} {"a":1}`, []string{
			"type C struct{ A int }\nc := C{1}\nold, _ := json.Marshal(c)", "type C struct{ A int `json:\"a\"` }", "now, _ := json.Marshal(c)\nfmt.Print(string(old), \" \", string(now))"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			nb := open(t)
			for _, cell := range c.cells[:len(c.cells)-1] {
				nb.run(cell)
			}
			nb.prints(c.cells[len(c.cells)-1], c.want)
		})
	}
}
