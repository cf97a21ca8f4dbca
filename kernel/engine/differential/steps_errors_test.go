package differential

// errorSteps are steps with errors that are values, which no cell fails with,
// and with errors that a loop or a block drops.
var errorSteps = []step{
	{makes: "sentinels", vars: "$ErrA error | $ErrB error | $wrapped error | $known []error", text: `var $ErrA error = errors.New("¢ErrA #")
$ErrB ≔ fmt.Errorf("¢ErrB: %w", $ErrA)
$known ≔ []error{io.EOF, $ErrA, $ErrB}
$wrapped ≔ errors.Join(io.ErrUnexpectedEOF, $ErrB)
`},
	{use: []string{"sentinels"}, text: `for _, err := range $known {
	fmt.Print(errors.Is($wrapped, err), errors.Is(err, io.EOF), err == $ErrA, " ")
}
fmt.Println($wrapped)
`},
	{use: []string{"sentinels"}, vars: "$last error", text: `$last ≔ $known[len($known)-1]
$known = append($known, io.EOF)
`},
	{use: []string{"sentinels"}, makes: "finder", text: `func $find(n int) error {
	if n > 3 {
		return fmt.Errorf("number %d: %w", n, $ErrA)
	}
	return nil
}
fmt.Println($find(#), errors.Is($find(5), $ErrA))
`, again: []string{"func $find(n int) error { return $known[n%len($known)] }"}},
	{use: []string{"finder"}, vars: "$dropped error", text: `var $dropped error
for n := range 3 {
	$dropped = $find(n + 4)
	fmt.Print(n, " ")
}
`, raises: "$find(4)"},
	{use: []string{"finder"}, vars: "$dropped error", text: `var $dropped error
if n := #; n > 0 {
	fmt.Print(n)
	$dropped = $find(7)
} else if $dropped != nil {
	fmt.Print("never")
}
`, raises: "$dropped"},
	{use: []string{"finder"}, vars: "$seen error", text: `var $seen error
for n := range 9 {
	if $seen = $find(n); $seen != nil {
		break
	}
}
fmt.Println($seen)
`},

	// Cells that end before all their variables are made.
	{makes: "early", vars: "$k int | $text string", text: `$k, $text ≔ #, "kept #"
`},
	{use: []string{"early"}, text: `$k += #
fmt.Println($k, $text)
`},
	{use: []string{"early"}, text: `$k++
if $k > 0 {
	panic(fmt.Sprint("early ", $k))
}
`, panics: true},
	{vars: "$late []int | $more error", text: `$late, $more ≔ []int{#}, error(nil)
fmt.Println($late)
`},
}
