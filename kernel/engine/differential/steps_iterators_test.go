package differential

// iteratorSteps are steps with iterators that are made in one cell and used in
// others.
var iteratorSteps = []step{
	{makes: "pulled", vars: "$next func() (int, bool) | $stop func()", text: `func $squares(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i*i + #) {
				return
			}
		}
	}
}
$next, $stop ≔ iter.Pull($squares(#))
one, ok := $next()
fmt.Println(one, ok)
`, again: []string{"func $squares(n int) iter.Seq[int] {\n\treturn func(yield func(int) bool) {\n\t\tfor n > 0 && yield(n) {\n\t\t\tn /= 2\n\t\t}\n\t}\n}\n"}},
	{use: []string{"pulled"}, text: `a, ok := $next()
b, more := $next()
fmt.Println(a, ok, b, more)
`},
	{use: []string{"pulled"}, text: `$stop()
$next, $stop = iter.Pull($squares(3 + #))
last, ok := $next()
fmt.Println(last, ok)
`},
	{makes: "search tree", vars: "$root *$Tree", text: `type $Tree struct {
	v           int
	left, right *$Tree
}
func (t *$Tree) put(v int) *$Tree {
	if t == nil {
		return &$Tree{v: v}
	}
	if v < t.v {
		t.left = t.left.put(v)
	} else {
		t.right = t.right.put(v)
	}
	return t
}
func (t *$Tree) all(yield func(int) bool) bool {
	return t == nil || t.left.all(yield) && yield(t.v) && t.right.all(yield)
}
func (t *$Tree) each() iter.Seq[int] { return func(yield func(int) bool) { t.all(yield) } }
var $root *$Tree
for _, v := range []int{5, #, #, 8, #} {
	$root = $root.put(v)
}
fmt.Println(slices.Collect($root.each()))
`, again: []string{
		"func (t *$Tree) all(yield func(int) bool) bool {\n\treturn t == nil || t.right.all(yield) && yield(t.v) && t.left.all(yield)\n}\n",
		"func (t *$Tree) depth() int {\n\tif t == nil {\n\t\treturn 0\n\t}\n\treturn 1 + max(t.left.depth(), t.right.depth())\n}\n",
	}, wider: "type $Tree struct {\n\tv, count    int\n\tleft, right *$Tree\n}\n"},
	{use: []string{"search tree"}, text: `total := 0
for v := range $root.each() {
	defer func() { fmt.Print("later", v, " ") }()
	if v > 6 {
		break
	}
	total += v
}
$root.put(#)
fmt.Println(total)
`},
	{use: []string{"search tree", "scalars"}, text: `$outer:
for v := range $root.each() {
	for w := range $root.each() {
		if w > v {
			continue $outer
		}
		$i += w
		if $i > 500 {
			$i = 0
			break $outer
		}
	}
}
fmt.Println($i)
`},
	{use: []string{"search tree", "map"}, text: `func $find(limit int) (string, bool) {
	for v := range $root.each() {
		for _, k := range slices.Sorted(maps.Keys($m)) {
			if v > limit && len($m[k]) > 0 {
				return fmt.Sprint(k, v), true
			}
		}
	}
	return "", false
}
s, found := $find(#)
fmt.Println(s, found)
`},
	{makes: "set", vars: "$set *$Set[string]", text: `type $Set[K comparable] struct {
	at    map[K]int
	order []K
}
func (s *$Set[K]) add(keys ...K) *$Set[K] {
	for _, k := range keys {
		if _, ok := s.at[k]; !ok {
			s.at[k] = len(s.order)
			s.order = append(s.order, k)
		}
	}
	return s
}
func (s *$Set[K]) all() iter.Seq2[int, K] { return slices.All(s.order) }
func $new[K comparable](keys ...K) *$Set[K] { return (&$Set[K]{at: map[K]int{}}).add(keys...) }
$set ≔ $new("a", "b", "a")
for i, k := range $set.all() {
	fmt.Print(i, k, " ")
}
fmt.Println(len($new(1, 2, #).order))
`, again: []string{
		"func (s *$Set[K]) all() iter.Seq2[int, K] { return slices.Backward(s.order) }",
		"func $new[K comparable](keys ...K) *$Set[K] {\n\ts := &$Set[K]{at: map[K]int{}}\n\tfor _, k := range slices.Backward(keys) {\n\t\ts.add(k)\n\t}\n\treturn s\n}\n",
	}, wider: "type $Set[K comparable] struct {\n\tat    map[K]int\n\tlast  K\n\torder []K\n}\n"},
	{use: []string{"set"}, text: `func $joined[K comparable](s iter.Seq2[int, K]) (text string) {
	for i, k := range s {
		if i == # {
			continue
		}
		text += fmt.Sprint(i, "=", k, " ")
	}
	return text
}
$set.add(fmt.Sprint("k", #))
fmt.Println($joined($set.all()), $joined($new(2.5, #).all()))
`},
	{use: []string{"set", "node"}, text: `nodes := $new($list...)
sum := 0
for _, x := range nodes.add($list[0]).all() {
	sum += x.A
}
fmt.Println(sum, len(nodes.order), len($list))
`},
}
