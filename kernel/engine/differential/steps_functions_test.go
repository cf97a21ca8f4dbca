package differential

// functionSteps are steps with functions, closures, panics and errors.
var functionSteps = []step{
	// Functions that call functions; stored values of them call what there is.
	{makes: "functions", vars: "$held func(int) int | $calls int", text: `func $f(n int) int { return n + # }
func $g(n int) int { $calls++; return $f(n) * 2 }
$calls ≔ 0
$held ≔ $g
fmt.Println($g(#), $held(#), $calls)
`, again: []string{
		"func $f(n int) int { return n - # }",
		"func $g(n int) int { $calls += #; return $f($f(n)) }",
		"func $f(n int) int {\n\tif n <= 0 {\n\t\treturn #\n\t}\n\treturn n + $f(n-1)\n}\n",
	}, breaking: "func $f(n int, by string) string { return fmt.Sprint(n, by) }"},
	{use: []string{"functions"}, text: `fmt.Println($g(#), $held(#), $calls)
$held = $f
fmt.Println($held(#))
`},
	{use: []string{"functions"}, text: `func $h(n int) string { return fmt.Sprint("h", $g(n), $held(n)) }
fmt.Println($h(#))
`, makes: "functions+"},
	{use: []string{"functions+"}, text: `fmt.Println($h(#), $f(1))
`},
	{makes: "recursive", text: `func $even(n int) bool { return n == 0 || $odd(n-1) }
func $odd(n int) bool { return n != 0 && $even(n-1) }
fmt.Println($even(#), $odd(#))
`, again: []string{"func $odd(n int) bool { return n > 0 && !$even(n) }"}},
	{use: []string{"recursive"}, shown: "$even(#)"},

	// Closures.
	{makes: "counter", vars: "$count func(int) int | $total int", text: `$total ≔ #
$count ≔ func() func(int) int {
	own := #
	return func(k int) int { own += k; $total += own; return own }
}()
fmt.Println($count(1), $count(2), $total)
`},
	{use: []string{"counter"}, text: `for i := range # {
	fmt.Print($count(i), " ")
}
fmt.Println($total)
`},
	{vars: "$fs []func() int | $acc int", text: `$acc ≔ 0
var $fs []func() int
for i := 0; i < #; i++ {
	$fs = append($fs, func() int { i++; $acc += i; return i })
}
for _, f := range $fs {
	fmt.Print(f(), f(), " ")
}
fmt.Println($acc)
`, makes: "closures"},
	{use: []string{"closures"}, text: `for _, f := range $fs {
	defer func() { fmt.Print(f(), ";") }()
}
fmt.Println($acc)
`},
	{vars: "$fib func(int) int", text: `var $fib func(int) int
memo := map[int]int{}
$fib = func(n int) int {
	if n < 2 {
		return n
	}
	if _, ok := memo[n]; !ok {
		memo[n] = $fib(n-1) + $fib(n-2)
	}
	return memo[n]
}
fmt.Println($fib(10+#), len(memo))
`, makes: "fib"},
	{use: []string{"fib"}, shown: "$fib(20 + #)"},

	// Defer, recover, panics and errors.
	{makes: "safe", text: `func $safe(k int) (out string) {
	defer func() {
		if v := recover(); v != nil {
			out = fmt.Sprint("caught ", v)
		}
	}()
	defer fmt.Print("deferred ")
	xs := []int{1, 2, 3}
	return fmt.Sprint(xs[k])
}
fmt.Println($safe(#), $safe(1))
`, again: []string{`func $safe(k int) (out string) {
	defer func() { out += fmt.Sprint(recover(), k) }()
	var m map[string]int
	m["x"] = k
	return "never"
}
`}},
	{use: []string{"safe"}, text: `defer fmt.Println("at the end")
for i := range 3 {
	defer func() { fmt.Print(i, $safe(i), " ") }()
}
`},
	{use: []string{"ints"}, text: `$xs[0]++
fmt.Println("before")
$xs[len($xs)] = 1
`, panics: true},
	{use: []string{"node"}, text: `$one.A++
panic(fmt.Sprint("on purpose ", $one.A))
`, panics: true},
	{makes: "errors", text: `type $Err struct{ code int }
func (e *$Err) Error() string { return fmt.Sprint("code ", e.code) }
func $fail(k int) (int, error) {
	if k > 5 {
		return k, fmt.Errorf("wrapped: %w", &$Err{k})
	}
	return k, nil
}
n, err := $fail(#)
var e *$Err
fmt.Println(n, err, errors.As(err, &e))
`, again: []string{"func $fail(k int) (int, error) { return -k, errors.Join(&$Err{k}, errors.New(\"more\")) }", "func (e *$Err) Error() string { return fmt.Sprint(\"number \", e.code) }"}},
	{use: []string{"errors"}, vars: "$res int | $err error", boxes: true, text: `$res, $err ≔ $fail(9)
`, raises: "$err"},
	{use: []string{"scalars"}, vars: "$num int | $bad error", text: `$num, $bad ≔ strconv.Atoi("x#")
$i = $num
`, raises: "$bad"},
}
