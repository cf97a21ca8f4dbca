package differential

// identitySteps are steps that convert the same values at run time and as the
// compiler does, in any order over cells: there is one interface table for a
// type and an interface, and one descriptor for a type.
var identitySteps = []step{
	{makes: "converted", boxes: true, vars: "$face fmt.Stringer | $ptr fmt.Stringer | $keys map[fmt.Stringer]int", text: `type $Q struct{ n int }
func (q $Q) String() string { return fmt.Sprint("Q", q.n) }
held, other := any($Q{#}), any(&$Q{#})
$face ≔ held.(fmt.Stringer)
$ptr ≔ other.(fmt.Stringer)
$keys ≔ map[fmt.Stringer]int{$face: 1}
fmt.Println($face, $ptr, $keys[$face])
`, again: []string{"func (q $Q) String() string { return \"q\" }", "func (q *$Q) Set(n int) { q.n = n }"}},
	{makes: "converted", boxes: true, vars: "$face fmt.Stringer | $ptr fmt.Stringer | $keys map[fmt.Stringer]int", text: `type $Q struct{ n int }
func (q $Q) String() string { return fmt.Sprint("Q", q.n) }
$face ≔ fmt.Stringer($Q{#})
$ptr ≔ fmt.Stringer(&$Q{#})
$keys ≔ map[fmt.Stringer]int{$Q{#}: 1}
fmt.Println($face, $ptr, len($keys))
`},
	{use: []string{"converted"}, text: `q, isQ := $face.($Q)
_, isPtr := $ptr.(*$Q)
kind := ""
switch $ptr.(type) {
case $Q:
	kind = "Q"
case *$Q:
	kind = "*Q"
case fmt.Formatter:
	kind = "formatter"
}
fmt.Println(isQ, q.n, isPtr, kind, $face == $Q{q.n}, $keys[$Q{q.n}])
`},
	{use: []string{"converted"}, text: `held := any($Q{#})
next := held.(fmt.Stringer)
_, isQ := next.($Q)
$keys[next] += 10
$keys[$Q{#}]++
fmt.Println(isQ, next == fmt.Stringer(held.($Q)), len($keys), $keys[next])
$face = next
`},
	{use: []string{"converted"}, text: `func() {
	defer func() {
		s, ok := recover().(fmt.Stringer)
		_, isPtr := s.(*$Q)
		fmt.Println(ok, isPtr, s == $ptr)
	}()
	panic($ptr)
}()
$face = $Q{#}
`},
	{makes: "reflected", boxes: true, vars: "$parts []any", text: `type $R struct{ a, b int32; c float64 }
t := reflect.TypeOf($R{})
$parts ≔ []any{}
for _, made := range []reflect.Type{reflect.SliceOf(t), reflect.MapOf(t, t), reflect.ChanOf(reflect.BothDir, t), reflect.ArrayOf(2, t), reflect.FuncOf([]reflect.Type{t}, nil, false), reflect.PointerTo(reflect.SliceOf(t))} {
	$parts = append($parts, reflect.Zero(made).Interface())
}
full := reflect.MakeMap(reflect.MapOf(t, t))
full.SetMapIndex(reflect.ValueOf($R{1, 2, #}), reflect.ValueOf($R{c: #}))
$parts[1] = full.Interface()
fmt.Println(len($parts))
`},
	{use: []string{"reflected"}, text: `type $M map[$R]$R
var m $M
reflect.ValueOf(&m).Elem().Set(reflect.ValueOf($parts[1]))
for _, part := range $parts {
	switch part := part.(type) {
	case []$R:
		fmt.Print("slice ")
	case map[$R]$R:
		part[$R{c: #}] = $R{}
		fmt.Print(len(part), len(m), m[$R{c: #}], " ")
	case chan $R:
		fmt.Print("chan ")
	case [2]$R:
		fmt.Print(part[0].c, " ")
	case func($R):
		fmt.Print("func ")
	case *[]$R:
		fmt.Print("pointer ")
	default:
		fmt.Print("other ")
	}
}
fmt.Println(reflect.SliceOf(reflect.TypeOf($R{})) == reflect.TypeOf([]$R{}))
`},
	{use: []string{"reflected"}, text: `all, isSlice := $parts[0].([]$R)
all = append(all, $R{a: #})
$parts[0] = all
$parts = append($parts, [][]$R{all})
fmt.Println(isSlice, reflect.TypeOf($parts[len($parts)-1]) == reflect.SliceOf(reflect.TypeOf($parts[0])), len(all) > 0)
`},
}
