package differential

// steps are what sequences are made of. Every text must be right both as part
// of a cell and as part of a program, and print the same each time.
var steps = []step{
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
	{use: []string{"boxed"}, text: `fmt.Println("still here")
`},

	// Generic types and functions, with types of the session.
	{makes: "stack", vars: "$st *$K[int] | $ss $K[string]", text: `type $K[V any] struct{ items []V }
func (s *$K[V]) push(v V) *$K[V] { s.items = append(s.items, v); return s }
func (s *$K[V]) pop() (v V, ok bool) {
	if len(s.items) == 0 {
		return v, false
	}
	v, s.items = s.items[len(s.items)-1], s.items[:len(s.items)-1]
	return v, true
}
func (s $K[V]) each(yield func(int, V) bool) {
	for i, v := range s.items {
		if !yield(i, v) {
			return
		}
	}
}
$st ≔ new($K[int]).push(#).push(#)
var $ss $K[string]
$ss.push("a").push("b")
for i, v := range $ss.each {
	fmt.Print(i, v, " ")
}
fmt.Println($st.items)
`, again: []string{
		"func (s *$K[V]) push(v V) *$K[V] { s.items = append([]V{v}, s.items...); return s }",
		"func (s $K[V]) size() int { return len(s.items) }",
	}, wider: "type $K[V any] struct {\n\tcount int\n\titems []V\n}\n"},
	{use: []string{"stack"}, text: `for v, ok := $st.pop(); ok; v, ok = $st.pop() {
	fmt.Print(v, " ")
}
$st.push(#)
fmt.Println($st.items, len($ss.items))
`},
	{use: []string{"stack", "node"}, vars: "$deep $K[$K[*$T]]", text: `var $deep $K[$K[*$T]]
$deep.push($K[*$T]{items: $list})
for _, inner := range $deep.each {
	for i, x := range inner.each {
		fmt.Print(i, x.A, x, ";")
	}
}
fmt.Println()
`},
	{makes: "generics", text: `func $apply[A, B any](xs []A, f func(A) B) (out []B) {
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}
func $fold[A ~int | ~float64 | ~string](xs ...A) (total A) {
	for _, x := range xs {
		total += x
	}
	return total
}
fmt.Println($apply([]int{#, #}, func(k int) string { return fmt.Sprint(k, "!") }), $fold(1.5, 2), $fold("a", "b"))
`, again: []string{"func $fold[A ~int | ~float64 | ~string](xs ...A) (total A) {\n\tfor i := len(xs) - 1; i >= 0; i-- {\n\t\ttotal += xs[i]\n\t}\n\treturn total\n}\n"}},
	{use: []string{"generics", "node"}, text: `fmt.Println($apply($list, func(x *$T) int { return x.A }), $fold($apply($list, func(x *$T) string { return x.s })...))
`},
	{use: []string{"generics"}, text: `type $M int
fmt.Println($fold($M(#), $M(#)), $apply([]float64{1, #}, func(x float64) [2]float64 { return [2]float64{x, -x} }))
`},
	{text: `type $Num interface{ ~int | ~int64 | ~float64 }
type $Pair[K comparable, V $Num] struct {
	key K
	val V
}
func (p $Pair[K, V]) add(v V) $Pair[K, V] { return $Pair[K, V]{p.key, p.val + v} }
func $most[K comparable, V $Num](ps ...$Pair[K, V]) (best $Pair[K, V]) {
	for i, p := range ps {
		if i == 0 || p.val > best.val {
			best = p
		}
	}
	return best
}
fmt.Println($most($Pair[string, int]{"x", #}, $Pair[string, int]{"y", 5}.add(#)), $most[int, float64]())
`},
	{text: `func $tree[V any](depth int, v V) string {
	type branch struct {
		left, right *V
		name        string
	}
	b := branch{&v, nil, fmt.Sprint(depth)}
	if depth == 0 {
		return fmt.Sprint(*b.left, b.right == nil)
	}
	return b.name + $tree(depth-1, v)
}
fmt.Println($tree(#, "leaf"), $tree(1, []int{#}))
`, makes: "tree", again: []string{"func $tree[V any](depth int, v V) string {\n\ttype twig struct {\n\t\tn int\n\t\tv []V\n\t}\n\treturn fmt.Sprintf(\"%d %v\", depth, twig{depth, []V{v}})\n}\n"}},
	{use: []string{"tree", "node"}, text: `fmt.Println($tree(#, $one), $tree(0, $list[0]))
`},

	// Functions that call functions; stored values of them keep what they were.
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

	// Maps and slices.
	{makes: "map", vars: "$m map[string][]int", text: `$m ≔ map[string][]int{}
for i := range 50 + # {
	k := fmt.Sprint(i % 7)
	$m[k] = append($m[k], i)
}
fmt.Println(len($m), $m["3"], $m["none"] == nil)
`},
	{use: []string{"map"}, text: `for k := range $m {
	$m[k] = append($m[k], len($m[k]))
}
delete($m, "#")
keys := slices.Sorted(maps.Keys($m))
fmt.Println(keys, $m["2"])
`, vars: ""},
	{makes: "grid", vars: "$cells map[$P]int", text: `type $P struct {
	x, y int
	tag  string
}
func (p $P) move(d int) $P { p.x += d; p.y -= d; return p }
var $cells map[$P]int = map[$P]int{{1, 2, "a"}: #, {}: #}
$cells[$P{3, 4, "b"}.move(#)]++
fmt.Println(len($cells), $cells[$P{x: 1, y: 2, tag: "a"}], $cells[$P{}])
`, again: []string{"func (p $P) move(d int) $P { return $P{x: p.x * d, y: p.y, tag: p.tag} }"}, wider: "type $P struct {\n\tx, y, z int\n\ttag     string\n}\n"},
	{use: []string{"grid"}, text: `for p, n := range maps.Clone($cells) {
	$cells[p.move(0)] += n
}
sum := 0
for _, n := range $cells {
	sum += n
}
fmt.Println(sum, len($cells))
`},
	{makes: "ints", vars: "$xs []int | $ys []int", text: `$xs ≔ []int{#, #, #, #, #}
$ys ≔ $xs[1:3]
$ys = append($ys, 100)
fmt.Println($xs, $ys, len($ys), cap($ys))
`},
	{use: []string{"ints"}, text: `$xs[0], $xs[1] = $xs[1], $xs[0]
copy($xs[2:], $xs)
sort.Slice($ys, func(i, j int) bool { return $ys[i] > $ys[j] })
fmt.Println($xs, $ys, min($xs[0], $xs[1]), slices.Max($xs))
`},
	{use: []string{"ints"}, text: `$xs = append($xs[:2:2], $ys...)
for i, x := range $xs {
	$xs[i] = x*2 + i
}
fmt.Println($xs, $ys)
`},
	{use: []string{"ints"}, shown: "len($xs) + $ys[0]"},
	{vars: "$arr [4]int | $other [4]int", text: `$arr ≔ [4]int{#, #}
$other ≔ $arr
p := &$arr
p[3] = #
for i := range $arr {
	$other[i] += $arr[i]
}
fmt.Println($arr, $other, $arr == $other)
`},

	// Loops over variables of the session at the top of a cell.
	{makes: "scalars", vars: "$i int | $sum float64 | $word string | $ok bool", text: `$i, $sum, $word ≔ 0, 0.0, ""
var $ok bool
for $i = 0; $i < 20+#; $i++ {
	$sum += float64($i) / 2
	if $i%7 == 0 {
		$word += fmt.Sprint($i)
		continue
	}
	$ok = !$ok
}
fmt.Println($i, $sum, $word, $ok)
`},
	{use: []string{"scalars"}, text: `for k := 0; k < 100; k++ {
	$sum += $sum*0.25 - float64(k)
	$i ^= k
	if $i > 60 {
		$i -= 61
	}
}
fmt.Println($i, $sum)
`},
	{use: []string{"scalars"}, text: `p := &$i
for k := range 10 {
	*p += k
	$i *= 2
	$i %= 1001
}
fmt.Println($i, *p)
`},
	{use: []string{"scalars"}, text: `bump := func() { $i += 3 }
for k := range 5 {
	$i += k
	bump()
}
fmt.Println($i)
`},
	{use: []string{"scalars", "ints"}, text: `for k := 0; ; k++ {
	$i += $xs[k] // ends in a panic
	$sum++
}
`, raises: `fmt.Sprintf("not reached")`},
	{use: []string{"scalars"}, text: `fmt.Println($i, $sum, $ok)
`, shown: "$word"},
	{use: []string{"scalars"}, text: `$outer:
for a := range 6 {
	for b := range 6 {
		switch {
		case b == a:
			continue $outer
		case a*b == 8:
			break $outer
		}
		$i += a*10 + b
	}
}
fmt.Println($i)
`},
	{use: []string{"scalars"}, text: `func $touch() int { $i++; return $i }
for k := 0; k < 4; k++ {
	$i += k
	$sum += float64($touch())
}
fmt.Println($i, $sum)
`},
	{use: []string{"scalars"}, text: `func() {
	defer func() { fmt.Println("recovered", recover(), $i) }()
	var none []int
	for k := 0; k < 9; k++ {
		$i = k
		_ = none[k*k-16+len(none)*0]
	}
}()
fmt.Println($i)
`},
	{vars: "$lo int | $hi int | $mid uint8", text: `$lo, $hi ≔ 0, 1
$mid ≔ uint8(250)
for $lo < 100+# {
	$lo, $hi = $hi, $lo+$hi
	$mid += uint8($lo)
}
fmt.Println($lo, $hi, $mid)
`, makes: "fibs"},
	{use: []string{"fibs"}, text: `for n := $lo; n > 0; n /= 3 {
	$mid <<= 1
	$hi |= n
}
if $hi > 1000 {
	$hi = #
}
fmt.Println($lo, $hi, $mid)
`},

	// Channels and goroutines.
	{vars: "$out chan int", text: `$out ≔ make(chan int, #)
go func() {
	defer close($out)
	for i := range 20 {
		$out <- i * i
	}
}()
sum := 0
for v := range $out {
	sum += v
}
fmt.Println(sum)
`},
	{makes: "server", vars: "$ask chan int | $reply chan string", text: `func $answer(k int) string { return fmt.Sprint("answer", k+#) }
$ask, $reply ≔ make(chan int), make(chan string)
go func() {
	for k := range $ask {
		$reply <- $answer(k)
	}
}()
$ask <- #
fmt.Println(<-$reply)
`, again: []string{`func $answer(k int) string { return fmt.Sprint("other", k*#) }`}},
	{use: []string{"server"}, text: `for i := range # {
	$ask <- i
	fmt.Print(<-$reply, " ", $answer(i), " ")
}
fmt.Println()
`},
	{vars: "$mu sync.Mutex | $n int", text: `var $mu sync.Mutex
$n ≔ 0
var wg sync.WaitGroup
for i := range 8 {
	wg.Add(1)
	go func(by int) {
		defer wg.Done()
		for range 50 {
			$mu.Lock()
			$n += by
			$mu.Unlock()
		}
	}(i + #)
}
wg.Wait()
fmt.Println($n)
`},
	{text: `func $work(in <-chan int, out chan<- int, wg *sync.WaitGroup) {
	defer wg.Done()
	for v := range in {
		out <- v * #
	}
}
in, out, wg := make(chan int), make(chan int, 100), new(sync.WaitGroup)
for range 3 {
	wg.Add(1)
	go $work(in, out, wg)
}
for i := range 30 {
	in <- i
}
close(in)
wg.Wait()
close(out)
all := 0
for v := range out {
	all += v
}
fmt.Println(all)
`},
	{text: `done, ticks := make(chan struct{}), make(chan int)
go func() {
	for i := range # {
		ticks <- i
	}
	close(done)
}()
seen := 0
$loop:
for {
	select {
	case k := <-ticks:
		seen += k + 1
	case <-done:
		break $loop
	}
}
fmt.Println(seen)
`},
	{text: `sub, cancel := context.WithCancel(context.Background())
var late atomic.Int64
stop := context.AfterFunc(sub, func() { late.Add(#) })
cancel()
for late.Load() == 0 {
	runtime.Gosched()
}
fmt.Println(late.Load() > 0, sub.Err(), stop())
`},

	// Iterators.
	{makes: "seq", text: `func $upto(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("end ")
		for i := 0; i < n; i++ {
			if !yield(i * #) {
				return
			}
		}
	}
}
for v := range $upto(9) {
	if v > 20 {
		break
	}
	fmt.Print(v, " ")
}
fmt.Println(slices.Collect($upto(3)))
`, again: []string{"func $upto(n int) iter.Seq[int] {\n\treturn func(yield func(int) bool) {\n\t\tfor i := n; i > 0 && yield(i); i-- {\n\t\t}\n\t}\n}\n"}},
	{use: []string{"seq"}, text: `func $firstAbove(limit int) int {
	for v := range $upto(50) {
		for w := range $upto(3) {
			if v+w > limit {
				return v*100 + w
			}
		}
	}
	return -1
}
next, stop := iter.Pull($upto(4))
a, more := next()
b, still := next()
stop()
fmt.Println($firstAbove(#), a, b, more, still)
`, makes: "seq+"},
	{use: []string{"seq+", "scalars"}, text: `for v := range $upto(5) {
	$i += v
	if $i%2 == 0 {
		continue
	}
	$sum += float64(v)
}
fmt.Println($i, $sum, $firstAbove(3))
`},
	{text: `func $filter[V any](s iter.Seq[V], keep func(V) bool) iter.Seq2[int, V] {
	return func(yield func(int, V) bool) {
		n := 0
		for v := range s {
			if keep(v) {
				if !yield(n, v) {
					return
				}
				n++
			}
		}
	}
}
for i, v := range $filter(slices.Values([]int{5, #, 7, #, 9}), func(k int) bool { return k%2 == 1 }) {
	fmt.Print(i, ":", v, " ")
}
fmt.Println()
`},

	// Local types, shadowing, anonymous types.
	{makes: "local", vars: "$keep any", boxes: true, text: `func $make(n int) any {
	type local struct {
		n    int
		text []string
	}
	return local{n, []string{"#"}}
}
var $keep any = $make(#)
fmt.Printf("%+v %T\n", $keep, $keep)
`},
	{use: []string{"local"}, text: `func $make2(n int) any {
	type local struct {
		f float64
		m map[int]string
	}
	return &local{f: float64(n) / 2, m: map[int]string{n: "x"}}
}
fmt.Printf("%+v %+v\n", $keep, $make2(#))
`},
	{vars: "$v int", text: `$v ≔ #
{
	local := $v * 2
	$v += local
	if local := "inner"; len(local) > 3 {
		fmt.Print(local, " ")
	}
}
fmt.Println($v)
`},
	{vars: "$anon []struct{ Name string; n int }", text: `$anon ≔ []struct{ Name string; n int }{{"a", #}, {Name: "b"}}
$anon = append($anon, struct{ Name string; n int }{"c", 3})
b, err := json.Marshal($anon)
fmt.Printf("%+v %s %v\n", $anon, b, err)
`},
	{text: `type $J struct {
	Name   string ` + "`json:\"name\"`" + `
	Points []float64
	hidden int
	Sub    *$J ` + "`json:\",omitempty\"`" + `
}
var j $J
err := json.Unmarshal([]byte(` + "`{\"name\":\"x\",\"Points\":[1,#],\"hidden\":3,\"Sub\":{\"name\":\"y\"}}`" + `), &j)
fmt.Println(j.Name, j.Points, j.hidden, j.Sub.Name, err)
`},
	{text: `type $W struct{ a int; b string }
t := reflect.TypeOf($W{})
v := reflect.ValueOf(&$W{#, "r"}).Elem()
for i := range t.NumField() {
	fmt.Print(t.Field(i).Name, t.Field(i).Type, v.Field(i), " ")
}
fmt.Println(t.Kind(), reflect.DeepEqual($W{1, "x"}, $W{1, "x"}))
`},

	// Constants.
	{makes: "consts", text: `const (
	$A1 = iota * 10
	$A2
	_
	$A3 = "c" + "d"
)
type $D uint8
const (
	$Mon $D = 1 + iota
	$Tue
)
func (d $D) String() string { return []string{"?", "Mon", "Tue"}[min(2, int(d))] }
fmt.Println($A1, $A2, $A3, $Mon, $Tue|$Mon, []$D{$Tue})
`, again: []string{
		"const (\n\t$A1 = iota + #\n\t$A2\n\t_\n\t$A3 = \"#\"\n)\n",
		"func (d $D) String() string { return fmt.Sprint(\"day\", uint8(d)) }",
	}},
	{use: []string{"consts"}, text: `func $useConst(d $D) string { return fmt.Sprint($A2, $A3, d, d == $Mon) }
fmt.Println($useConst($Tue), $useConst($Mon))
`},
	{text: `const $big = 1 << 40
x, y := $big>>#, 7.0/#
z := complex(y, float64(x))
fmt.Printf("%d %.4f %.3f %q %x\n", x, y, real(z*z), 'a'+#, "hé")
`},

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
`, raises: `"not reached"`},
	{use: []string{"node"}, text: `$one.A++
panic(fmt.Sprint("on purpose ", $one.A))
`},
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

	// Plain statements.
	{text: `switch x := #; {
case x > 4:
	fmt.Print("big ")
	fallthrough
case x > 2:
	fmt.Print("middle ")
default:
	fmt.Print("small ")
}
fmt.Println()
`},
	{text: `k := 0
$again:
k += #
if k < 20 {
	goto $again
}
fmt.Println(k)
`},
	{text: `for i, r := range "añb€" {
	fmt.Print(i, string(r), len(string(r)), " ")
}
fmt.Println(strings.Map(func(r rune) rune { return r + # }, "abc"), []byte("é"))
`},
	{vars: "$sb strings.Builder", text: `var $sb strings.Builder
for i := range # {
	fmt.Fprintf(&$sb, "%03d,", i)
}
fmt.Println($sb.String(), $sb.Len())
`},
	{vars: "$ch chan func() int", text: `$ch ≔ make(chan func() int, 3)
for i := range 3 {
	$ch <- func() int { return i * # }
}
close($ch)
for f := range $ch {
	fmt.Print(f(), " ")
}
fmt.Println()
`},
}
