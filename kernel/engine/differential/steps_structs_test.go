package differential

// structSteps are steps with structs, embedded types, methods and interfaces.
var structSteps = []step{
	// Structs with methods, pointers to themselves, and redefinitions of all.
	{makes: "node", vars: "$list []*$T | $one $T", text: `type $T struct {
	A    int
	s    string
	next *$T
	m    map[string]*$T
}
func (x $T) String() string { return fmt.Sprint("<", x.A, x.s, len(x.m), ">") }
func (x *$T) grow(k int) *$T {
	if k == 0 {
		return x
	}
	return (&$T{A: x.A + k, s: x.s + "+", next: x}).grow(k - 1)
}
$list ≔ []*$T{{A: #}, {A: #, s: "b"}}
$one ≔ *$list[0].grow(#)
fmt.Println($list, $one, $one.next)
`, again: []string{
		`func (x $T) String() string { return fmt.Sprintf("[%d|%s]", x.A+#, x.s) }`,
		`func (x *$T) grow(k int) *$T { return &$T{A: x.A * #, s: "fresh", next: x} }`,
		`func (x $T) extra() int { return x.A - # }`,
		"type $T struct {\n\tA    int\n\ts    string\n\tnext *$T\n\tm    map[string]*$T\n}\n",
	}, wider: "type $T struct {\n\tA    int\n\ts    string\n\tmore float64\n\tnext *$T\n\tm    map[string]*$T\n}\n"},
	{use: []string{"node"}, text: `for i := range # {
	$list = append($list, $list[len($list)-1].grow(i))
	$list[i].m = map[string]*$T{fmt.Sprint(i): $list[0]}
}
fmt.Printf("%v %v %+v\n", $list, len($list[0].m), $one.A)
`},
	{use: []string{"node"}, text: `$one.A += #
$one.next = &$one
$list[0] = &$one
$list[0].s += "x"
fmt.Println($one, $one.next.next.A)
`},
	{use: []string{"node"}, text: `func $sum(xs []*$T) (total int) {
	for _, x := range xs {
		total += x.A
	}
	return total*10 + len(fmt.Sprint(xs))
}
fmt.Println($sum($list), $sum(nil))
`, again: []string{"func $sum(xs []*$T) int { return len(xs) * # }"}, makes: "sum"},
	{use: []string{"sum"}, shown: "$sum($list) + #"},
	{use: []string{"node"}, text: `$list = $list[:1]
fmt.Println(len($list), cap($list) > 0)
`, shown: "$list[0].A"},

	// Embedded types: promoted and overridden methods, through interfaces.
	{makes: "embedded", vars: "$e $E | $pe *$E", text: `type $B struct{ n int }
func (b $B) get() int { return b.n }
func (b *$B) set(k int) { b.n = k }
type $E struct {
	$B
	label string
}
func (e $E) describe() string { return fmt.Sprint(e.label, e.get(), e.$B.n) }
$e ≔ $E{$B: $B{n: #}, label: "e"}
$pe ≔ &$e
$pe.set($e.get() + #)
fmt.Println($e.describe(), $pe.n)
fmt.Printf("%v\n", $e)
`, again: []string{
		"func (b $B) get() int { return b.n * # }",
		"func (e $E) get() int { return e.n + 100 }",
		"func (b *$B) set(k int) { b.n = -k }",
	}, wider: "type $B struct{ n, extra int }"},
	{use: []string{"embedded"}, text: `type $G interface {
	get() int
	set(int)
}
func $twice(g $G) int { g.set(g.get() * 2); return g.get() }
fmt.Println($twice($pe), $twice(&$e.$B), $e.describe())
`},

	// Interfaces: values boxed before a redefinition keep their methods.
	{makes: "shapes", boxes: true, vars: "$all []$S | $any any", text: `type $S interface{ area(scale int) int }
type $Q struct{ w, h int }
type $R int
func (q $Q) area(scale int) int { return q.w * q.h * scale }
func (r $R) area(scale int) int { return int(r) * $pi(scale) }
func $pi(k int) int { return 3 * k }
$all ≔ []$S{$Q{#, #}, $R(#), &$Q{2, #}}
var $any any = $all[0]
for _, s := range $all {
	fmt.Println(s.area(#))
}
`, again: []string{
		"func (q $Q) area(scale int) int { return -q.w }",
		"func (r $R) area(scale int) int { return int(r) + scale + # }",
		"func $pi(k int) int { return 4*k + # }",
	}},
	{use: []string{"shapes"}, text: `func $kind(v any) string {
	switch v := v.(type) {
	case $Q:
		return fmt.Sprint("Q", v.w)
	case *$Q:
		return fmt.Sprint("*Q", v.h)
	case $S:
		return fmt.Sprint("S", v.area(1))
	}
	return "?"
}
for _, s := range $all {
	fmt.Print($kind(s), " ")
}
fmt.Println($kind($any), $kind($Q{#, 1}), $kind(3))
`},
	{use: []string{"shapes"}, text: `if q, ok := $any.($Q); ok {
	q.w += #
	$any = q
}
_, isR := $all[1].($R)
fmt.Println($any.($S).area(1), isR, $any == any($Q{1, 2}))
`, vars: ""},

	// Method values, method expressions, functions in structs and maps.
	{use: []string{"node"}, vars: "$mv func() string | $me func(*$T, int) *$T", text: `$mv ≔ $one.String
$me ≔ (*$T).grow
$one.A++
fmt.Println($mv(), $me(&$one, #))
`, makes: "methods"},
	{use: []string{"methods"}, text: `fmt.Println($mv(), $me(&$one, #), $one)
`},
	{vars: "$ops map[string]func(int, int) int", text: `$ops ≔ map[string]func(int, int) int{
	"add": func(a, b int) int { return a + b },
	"mul": func(a, b int) int { return a * b * # },
}
for _, k := range slices.Sorted(maps.Keys($ops)) {
	fmt.Print(k, $ops[k](#, #), " ")
}
fmt.Println()
`},
	{makes: "hooks", vars: "$hook $H", text: `type $H struct {
	name string
	run  func(*$H) string
}
func (h *$H) fire() string { return h.run(h) }
$hook ≔ $H{"h", func(h *$H) string { return h.name + "#" }}
fmt.Println($hook.fire())
`, again: []string{"func (h *$H) fire() string { h.name += \"'\"; return h.run(h) + \"!\" }"}},
	{use: []string{"hooks"}, text: `old := $hook.run
$hook.run = func(h *$H) string { return "(" + old(h) + ")" }
fmt.Println($hook.fire(), $hook.name)
`},
}
