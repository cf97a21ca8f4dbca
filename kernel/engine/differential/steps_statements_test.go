package differential

// statementSteps are steps with statements at the top of a cell.
var statementSteps = []step{
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
`, panics: true},
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
