package differential

// sessionSteps are steps that only cells have: parts of main with flags, init
// functions, imports for later, names of packages and builtins, and closures
// that are kept.
var sessionSteps = []step{
	{makes: "flags", vars: "$n *int | $s *string", text: `$n ≔ flag.Int("¢n", #, "a number")
$s ≔ flag.String("¢s", "none", "a word")
`, main: `local := *$n * 2
fmt.Println(local, *$s, flag.Args())
`, args: "--¢n=4# rest #"},
	{use: []string{"flags"}, main: `fmt.Println(*$n, *$s, len(flag.Args()))
if *$n > # {
	return
}
fmt.Println("small")
`, args: "-¢s word#"},
	{use: []string{"flags", "scalars"}, text: `$i += *$n
`, main: `$i++
local := fmt.Sprint($i, *$n)
fmt.Println(local, len(*$s) > 0)
`, args: "--¢n 7 -- -x"},
	{use: []string{"node"}, main: `for _, x := range $list {
	if x := x.grow(#); x.A > 3 {
		defer fmt.Println("deferred", x)
	}
}
one := $one.grow(1)
$one.A += #
fmt.Println(one, flag.Args())
`, args: "a b"},
	{makes: "init", vars: "$log []string", text: `func $init_a() { $log = append($log, "init#"); fmt.Println($log) }
$log ≔ []string{"start"}
fmt.Println(len($log))
`, after: "$init_a()\n"},
	{use: []string{"init"}, text: `func $init_b() {
	defer func() { fmt.Println(recover(), len($log)) }()
	$init_a()
	_ = $log[:99]
}
$log = append($log, "again")
`, after: "$init_b()\n"},
	{use: []string{"init"}, text: `defer func() { $log = append($log, "deferred"); fmt.Println(len($log)) }()
$init_a()
`},
	{makes: "imported", text: `import (
	linked "container/list"
	circle "container/ring"
)
fmt.Println("for later")
`},
	{use: []string{"imported"}, text: `l := linked.New()
l.PushBack(#)
l.PushFront("first")
r := circle.New(#)
fmt.Println(l.Len(), l.Front().Value, r.Len())
`},
	{use: []string{"imported"}, vars: "$queue *linked.List", makes: "queue", text: `func $pull(l *linked.List) any { return l.Remove(l.Front()) }
$queue ≔ linked.New()
$queue.PushBack(#)
$queue.PushBack("b")
fmt.Println($pull($queue), $queue.Len())
`, again: []string{"func $pull(l *linked.List) any { return l.Remove(l.Back()) }"}},
	{use: []string{"queue"}, text: `$queue.PushFront(#)
$queue.PushFront("x")
fmt.Println($pull($queue), $queue.Len())
`},
	{makes: "package", unless: "path", text: `func $under(a string) string { return path.Join(a, "x#", "..", "y") }
fmt.Println($under("d"))
`},
	{use: []string{"package"}, makes: "package's name", vars: "$path__ []string", text: `$path__ ≔ []string{$under("q"), "#"}
fmt.Println($path__, $under("r"))
`},
	{use: []string{"package's name"}, text: `$path__ = append($path__, $under(fmt.Sprint(len($path__))))
fmt.Println($path__[len($path__)-1])
`},
	{makes: "builtin's name", text: `func $clear__(xs []int) (sum int) {
	for i := range xs {
		sum, xs[i] = sum+xs[i], #
	}
	return sum
}
fmt.Println($clear__([]int{1, 2, #}))
`, again: []string{"func $clear__(xs []int) int { return -len(xs) }"}},
	{use: []string{"builtin's name", "ints"}, text: `fmt.Println($clear__($ys), $ys)
`},
	{text: `func $shade(len int, string []byte) (nil error) {
	true, fmt := len > 3, fmt.Sprint(len)
	if true {
		return errors.New(fmt)
	}
	for len := range len {
		string = append(string, byte('a'+len))
	}
	_, nil = strconv.Atoi(fmt + "!")
	return
}
fmt.Println($shade(#, []byte("x")), $shade(2, []byte{}))
`},
	{makes: "kept", vars: "$by int | $fm map[string]func(int) int | $fl []func() int", text: `$by ≔ #
$fm ≔ map[string]func(int) int{
	"add": func(k int) int { $by += k; return $by },
	"mul": func(k int) int { $by *= k % 5; return $by },
}
$fl ≔ []func() int{func() int { return $by }, func() int { $by--; return -$by }}
fmt.Println($fm["add"](#), $fl[1](), $by)
`},
	{use: []string{"kept"}, text: `$fm["twice"] = func(k int) int { return $fm["add"](k) + $fm["mul"](k) }
for i, f := range $fl {
	fmt.Print(i, f(), " ")
}
$fl = append($fl, func() int { return $fm["twice"](#) })
fmt.Println($fl[len($fl)-1](), len($fl), $by)
`},
	{use: []string{"kept", "functions"}, text: `$fm["f"] = $f
$fm["g"] = func(n int) int { return $g(n) + $by }
fmt.Println($fm["f"](#), $fm["g"](#), len($fm))
`},
	{use: []string{"kept"}, text: `for _, k := range slices.Sorted(maps.Keys($fm)) {
	fmt.Print(k, $fm[k](#), " ")
}
fmt.Println($by)
`},
	{text: `defer func() { fmt.Println("recovered", recover()) }()
`},
	{use: []string{"scalars"}, text: `defer func() {
	if v := recover(); v != nil {
		$i = -#
		panic(fmt.Sprint("again: ", v))
	}
	$i += #
}()
`},
	{use: []string{"kept"}, text: `defer func(was int) { fmt.Println("was", was, "is", $by) }($by)
$by += #
`},
	{use: []string{"functions"}, text: `var table map[int]string
table[$g(#)] = "nobody is there"
`, panics: true},
	{use: []string{"embedded"}, text: `var none *$E
$pe.set(#)
fmt.Println(none.label)
`, panics: true},
	{use: []string{"kept"}, text: `$by = 0
fmt.Println(# / $by)
`, panics: true},
}
