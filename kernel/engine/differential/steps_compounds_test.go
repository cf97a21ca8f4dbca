package differential

// compoundSteps are steps with named types of every kind, generic types that
// contain each other, constraints and conversions.
var compoundSteps = []step{
	{makes: "named", vars: "$words $Words | $by $By | $do $Do | $pipe $Pipe", text: `type $Words []string
type $By map[string]$Words
type $Do func(string) $Words
type $Pipe chan $Words
func (w $Words) Len() int { return len(w) }
func (b $By) put(k string, w ...string) $By { b[k] = append(b[k], w...); return b }
func (d $Do) twice(s string) $Words { return append(d(s), d(s+s)...) }
func (p $Pipe) send(w $Words) int { p <- w; return len(p) }
$words ≔ $Words{"a", "#"}
$by ≔ $By{}.put("x", $words...)
$do ≔ $Do(func(s string) $Words { return strings.Split(s, "") })
$pipe ≔ make($Pipe, 100)
fmt.Println($by, $do.twice("ab"), $pipe.send($words), $by["x"].Len())
`, again: []string{
		"func (b $By) put(k string, w ...string) $By { b[k] = append($Words(w), b[k]...); return b }",
		"func (d $Do) twice(s string) $Words { return d(s)[:#%2] }",
		"func (w $Words) String() string { return strings.Join(w, \"|\") }",
	}, wider: "type $Words []fmt.Stringer"},
	{use: []string{"named"}, text: `if len($pipe) < 90 {
	$pipe.send($do("n#"))
	$words = append(<-$pipe, "#")
}
old := $do
$do = func(s string) $Words { return append(old(s), s) }
fmt.Println($words, $by.put("y", $words[0]).put("x", "#")["x"].Len(), $do.twice("z"))
`},
	{makes: "cache", vars: "$cache *$Cache[string, $Item[int]]", text: `type $Item[V any] struct {
	value V
	hits  int
}
type $Cache[K comparable, V any] struct {
	items map[K]*V
	make  func(K) V
}
func $newCache[K comparable, V any](f func(K) V) *$Cache[K, V] {
	return &$Cache[K, V]{items: map[K]*V{}, make: f}
}
func (c *$Cache[K, V]) get(k K) *V {
	if c.items[k] == nil {
		v := c.make(k)
		c.items[k] = &v
	}
	return c.items[k]
}
func (i *$Item[V]) hit() V { i.hits++; return i.value }
$cache ≔ $newCache(func(k string) $Item[int] { return $Item[int]{value: len(k) + #} })
fmt.Println($cache.get("a").hit(), $cache.get("a").hits, len($cache.items))
`, again: []string{
		"func (i *$Item[V]) hit() V { i.hits += #; return i.value }",
		"func (c *$Cache[K, V]) get(k K) *V {\n\tv := c.make(k)\n\tif old := c.items[k]; old != nil {\n\t\treturn old\n\t}\n\tc.items[k] = &v\n\treturn &v\n}\n",
		"func (i $Item[V]) String() string { return fmt.Sprintf(\"%v/%d\", i.value, i.hits) }",
	}, wider: "type $Item[V any] struct {\n\tvalue V\n\tname  string\n\thits  int\n}\n"},
	{use: []string{"cache"}, text: `floats := $newCache(func(k int) $Item[[]float64] { return $Item[[]float64]{value: make([]float64, k)} })
fmt.Println(len(floats.get(#).hit()), $cache.get("b#").hit(), len($cache.items) > 0)
fmt.Printf("%T %+v\n", floats, *$cache.get("c"))
`},
	{use: []string{"cache", "node"}, text: `nodes := $newCache(func(k int) *$T { return $list[k%len($list)].grow(k) })
fmt.Println((*nodes.get(#)).A, *nodes.get(1), $cache.get("d").hit())
`},
	{makes: "constraints", text: `type $Named interface {
	~string | ~int
	Name() string
}
type $City string
type $Zip int
func (c $City) Name() string { return "city " + string(c) }
func (z $Zip) Name() string { return fmt.Sprintf("zip %05d", int(z)) }
func $names[N $Named](ns ...N) (all []string) {
	for _, n := range ns {
		all = append(all, n.Name())
	}
	return all
}
func $reduce[A, B any, F ~func(B, A) B](xs []A, f F, b B) B {
	for _, x := range xs {
		b = f(b, x)
	}
	return b
}
fmt.Println($names($City("x"), $City("#")), $names($Zip(#)), $reduce([]int{1, 2, #}, func(s string, k int) string { return s + strconv.Itoa(k) }, ">"))
`, again: []string{
		"func (c $City) Name() string { return strings.ToUpper(string(c)) }",
		"func $names[N $Named](ns ...N) []string { return []string{fmt.Sprint(len(ns)), ns[0].Name()} }",
		"func $reduce[A, B any, F ~func(B, A) B](xs []A, f F, b B) B {\n\tfor _, x := range slices.Backward(xs) {\n\t\tb = f(b, x)\n\t}\n\treturn b\n}\n",
	}},
	{use: []string{"constraints"}, text: `func $both[N $Named](a, b N) string {
	type pair struct{ first, second N }
	p := pair{a, b}
	return fmt.Sprintf("%v %s", p, strings.Join($names(p.first, p.second), "&"))
}
f := $both[$Zip]
fmt.Println(f(#, 2), $both($City("p"), "q"), $reduce([]string{"a", "b"}, func(n int, s string) int { return n*# + len(s) }, 0))
`},
	{makes: "ring", vars: "$ring $Ring[string]", text: `type $Link[V any] struct {
	prev, next *$Link[V]
	value      V
}
type $Ring[V any] struct {
	$Link[V]
	size int
}
func (r *$Ring[V]) push(v V) {
	l := &$Link[V]{value: v}
	if r.next == nil {
		r.next, r.prev = &r.$Link, &r.$Link
	}
	l.prev, l.next = r.prev, &r.$Link
	l.prev.next, r.prev = l, l
	r.size++
}
func (r *$Ring[V]) list() (all []V) {
	for l := r.next; l != &r.$Link && l != nil; l = l.next {
		all = append(all, l.value)
	}
	return all
}
var $ring $Ring[string]
$ring.push("a")
$ring.push("#")
fmt.Println($ring.list(), $ring.size, $ring.prev.value)
`, again: []string{"func (r *$Ring[V]) list() (all []V) {\n\tfor l := r.prev; l != &r.$Link && l != nil; l = l.prev {\n\t\tall = append(all, l.value)\n\t}\n\treturn all\n}\n"},
		wider: "type $Link[V any] struct {\n\tprev, next *$Link[V]\n\tvalue      V\n\tmark       bool\n}\n"},
	{use: []string{"ring"}, text: `var other $Ring[[]int]
other.push([]int{#})
$ring.push(fmt.Sprint(len($ring.list())))
fmt.Println(other.list(), $ring.list(), $ring.next.next.value)
`},
	{makes: "machine", vars: "$state $State | $trace []string", text: `type $State func(*int) $State
func $start(k *int) $State { *k += #; $trace = append($trace, "start"); return $middle }
func $middle(k *int) $State {
	$trace = append($trace, fmt.Sprint("middle", *k))
	if *k > 20 {
		*k = 0
		return $start
	}
	*k *= 2
	return $middle
}
$trace ≔ []string{}
$state ≔ $State($start)
k := 1
for range 4 {
	$state = $state(&k)
}
fmt.Println($trace, k)
`, again: []string{"func $middle(k *int) $State { *k -= #; $trace = append($trace, \"other\"); return $start }"}},
	{use: []string{"machine"}, text: `level := #
for range 3 {
	$state = $state(&level)
}
fmt.Println($trace[max(0, len($trace)-4):], level)
`},
	{makes: "builder", vars: "$b $Builder", text: `type $Option func(*$Builder)
type $Builder struct {
	name  string
	parts []string
	limit int
}
func $with(part string) $Option { return func(b *$Builder) { b.parts = append(b.parts, part) } }
func (b $Builder) apply(os ...$Option) $Builder {
	for _, o := range os {
		o(&b)
	}
	return b
}
$b ≔ $Builder{name: "b", limit: #}.apply($with("x"), $with("#"))
fmt.Printf("%+v\n", $b)
`, again: []string{
		"func $with(part string) $Option { return func(b *$Builder) { b.parts = append([]string{part + \"#\"}, b.parts...) } }",
		"func (b $Builder) apply(os ...$Option) $Builder {\n\tfor _, o := range slices.Backward(os) {\n\t\to(&b)\n\t}\n\treturn b\n}\n",
	}, wider: "type $Builder struct {\n\tname  string\n\tparts []string\n\tlimit int64\n}\n"},
	{use: []string{"builder"}, text: `option := $Option(func(b *$Builder) { b.limit *= 2; b.name += "#" })
$b = $b.apply(option, $with("y"), option)
applied := $Builder.apply
fmt.Println($b.name, $b.parts, $b.limit, applied($b, option).limit)
`},
	{text: `type $Celsius float64
type $Grid [2][2]$Celsius
type $Bits uint16
g := $Grid{{1.5, #}, {-#}}
h := g
h[1][1]++
bits := $Bits(1)<<# | 3
fmt.Println(g == h, g[0] == h[0], float64(g[0][1])/4, int8(bits*37), bits&^2, ^bits>>3, $Celsius(int(g[1][0])))
fmt.Printf("%v %T %08b %x %q %6.2f|%-6d|%+d\n", g, g[0], bits, "hi", 'x', g[0][0], bits, bits)
`},
	{text: `runes := []rune("héllo, 世界")
for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
	runes[i], runes[j] = runes[j], runes[i]
}
fields := strings.FieldsFunc(" a1b22c ", unicode.IsDigit)
fmt.Println(string(runes), len("世"), string("世"[0:3]), fields, strings.EqualFold("Straße", "STRASSE"), []byte("é")[#%2])
fmt.Println(time.Duration(#)*time.Millisecond*1500, time.Unix(86400*#, 0).UTC().Format(time.RFC1123), strconv.Quote("tab\t\"é\""), bits.Len(uint(#)), math.Round(-2.5))
`},
	{vars: "$rows [][]int | $flat []int", makes: "rows", text: `$flat ≔ make([]int, 6, 8)
$rows ≔ [][]int{$flat[:2], $flat[2:4:4], $flat[4:]}
for i := range $flat {
	$flat[i] = i * #
}
$rows[1] = append($rows[1], 100)
$rows[2] = append($rows[2], 200)
fmt.Println($rows, $flat, cap($rows[1]) > 2, $flat[:7])
`},
	{use: []string{"rows"}, text: `$rows[0][1], $flat[0] = $flat[0]+#, $rows[0][1]
$rows = append($rows, slices.Clone($rows[0]), nil)
$flat = slices.Insert($flat, 1, #)
fmt.Println($rows, $flat, slices.Equal($rows[0], $rows[len($rows)-2]), $rows[len($rows)-1] == nil)
`},
}
