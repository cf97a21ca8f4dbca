package differential

// valueSteps are steps with values of the language: maps, slices, local types, constants.
var valueSteps = []step{
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
	{makes: "local keys", boxes: true, vars: "$by map[any]string | $k any", text: `func $key(n int) any {
	type key struct{ n int }
	return key{n}
}
func $any[V any](v V) any {
	type key struct{ v V }
	type other [2]key
	return other{{v}}
}
$by ≔ map[any]string{$key(1): "one", $any("a"): "a", $any(2): "two"}
$k ≔ $any(2)
fmt.Println(len($by), $by[$key(1)], $k == $any(2), $k == $any("2"))
`, again: []string{
		"func $key(n int) any {\n\ttype key struct{ m int }\n\treturn key{n}\n}\n",
		"func $any[V any](v V) any {\n\ttype key struct{ v, w V }\n\treturn key{v: v}\n}\n",
	}},
	{use: []string{"local keys"}, text: `$by[$key(#)] = "#"
fmt.Println($by[$key(1)], $by[$any(2)], $by[$any("a")], $k == $any(2), $k == $any("2"), len($by))
`},
	{use: []string{"local keys", "node"}, text: `$by[$any($list[0])] = "pointer"
fmt.Println($by[$any($list[0])], $by[$any($list[0].A)] == "", $by[$any(2)])
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
}
