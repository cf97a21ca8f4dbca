package differential

// genericSteps are steps with generic types and functions, and iterators.
var genericSteps = []step{
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
}
