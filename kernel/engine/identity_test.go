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
