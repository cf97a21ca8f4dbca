package differential

// retypedSteps are steps with variables that become another type's, closures
// and pointers that hold on to what they were, and assignments.
var retypedSteps = []step{
	{makes: "retyped", vars: "$x int | $bump func() int", text: `func $double() int { return $x * 2 }
$x ≔ #
$bump ≔ func() int { $x++; return $x }
fmt.Println($x, $double(), $bump(), $x)
`, retyped: &step{makes: "retyped to a string", vars: "$x string", text: `func $loud() string { return strings.ToUpper($x) + "?" }
$x ≔ fmt.Sprint("x", $x°, "!", #)
fmt.Println($x, $loud(), $bump(), $bump())
`, again: []string{"func $loud() string { return $x + \"#\" }"},
		retyped: &step{makes: "retyped to a slice", vars: "$x []float64", text: `$x ≔ []float64{float64(len($x°)), #}
fmt.Println($x, $bump())
`, retyped: &step{makes: "retyped", vars: "$x int", text: `$x ≔ int($x°[1]) + $bump()
fmt.Println($x, $bump())
`}}}},
	{use: []string{"retyped"}, text: `$x += $bump() * #
fmt.Println($x, $bump())
`},
	{use: []string{"retyped to a string"}, text: `$x += string($x[0])
fmt.Println($x, $loud(), $bump())
`},
	{use: []string{"retyped to a slice"}, text: `$x = append($x, float64($bump()))
fmt.Println($x, $bump())
`},
	{makes: "pointer", vars: "$v $V | $pv *$V", text: `type $V struct {
	n    int
	tags []string
}
$v ≔ $V{#, []string{"a"}}
$pv ≔ &$v
$pv.n += #
fmt.Println($v, $pv.tags, $pv == &$v)
`, again: []string{"func (v $V) String() string { return fmt.Sprint(\"V\", v.n) }"},
		wider: "type $V struct {\n\tn    int\n\tsize [#]bool\n\ttags []string\n}\n",
		retyped: &step{makes: "pointer to the former", vars: "$v *$V", text: `$v ≔ &$v°
$v.n *= 2
fmt.Println(*$v, $pv.n, $v == $pv)
`}},
	{use: []string{"pointer"}, text: `$v.tags = append($v.tags, "#")
$pv.n--
fmt.Printf("%+v %v\n", $v, *$pv)
`},
	{use: []string{"pointer to the former"}, text: `$v.tags, $pv.n = append($pv.tags, "#"), len($v.tags)
fmt.Println(*$v, *$pv)
`},
	{makes: "swapped", vars: "$a int | $b int | $at []int", text: `$a, $b, $at ≔ #, #, []int{3, 1, 2, 0}
$a, $b = $b, $a
$a, $at[$a%4] = $at[$b%4], $a
$at[0], $at[$at[0]&3], $at[3] = $at[3], $at[0], $at[1]
fmt.Println($a, $b, $at)
`},
	{use: []string{"swapped"}, text: `for $a = range $at {
	$b, $at[$a] = $b+$at[$a], $b
}
for i, j := 0, len($at)-1; i < j; i, j = i+1, j-1 {
	$at[i], $at[j] = $at[j], $at[i]
}
$a += $b
fmt.Println($a, $b, $at)
`},
	{use: []string{"swapped"}, text: `func $three() (int, int, error) { return $a + #, $b, nil }
var failed error
$a, $b, failed = $three()
_, $b, _ = $three()
fmt.Println($a, $b, failed)
`},
	{makes: "alias", vars: "$al $Al | $als []$Al", text: `type $El struct{ k string }
type $Al = map[string]$El
func $keys(m $Al) []string { return slices.Sorted(maps.Keys(m)) }
$al ≔ $Al{"a": {"#"}}
$als ≔ []$Al{$al, {"z": {}}}
$al["b"] = $El{k: "b"}
fmt.Println($keys($als[0]), $al["a"], len($als))
`, again: []string{"func (e $El) String() string { return \"el\" + e.k }"},
		wider: "type $El struct {\n\tk string\n\tn int\n}\n"},
	{use: []string{"alias"}, text: `for _, m := range $als {
	m[fmt.Sprint(len(m))] = $El{k: "#"}
}
$als = append($als, maps.Clone($al))
fmt.Println($keys($al), $al)
`},
	{makes: "fields", vars: "$box [2][3]int | $cell *int | $row []int", text: `var $box [2][3]int
$box[1] = [3]int{1, #, 3}
$cell ≔ &$box[1][2]
$row ≔ $box[1][:2]
*$cell += #
fmt.Println($box, $row, cap($row))
`},
	{use: []string{"fields"}, text: `$row = append($row, #)
*$cell++
copyOf := $box
$box[0][1] = *$cell
fmt.Println($box, copyOf, $row, copyOf == $box, len($row))
`},
	{use: []string{"fields"}, shown: "$box[1][0] + *$cell"},
}
