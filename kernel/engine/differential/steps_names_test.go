package differential

// nameSteps are steps with names that hide others: variables named like a
// predeclared type or function, and names of a package imported with a dot.
var nameSteps = []step{
	{makes: "type's name", unless: "complex64", text: `func $wide(x float32) string {
	z := complex64(complex(x, #))
	return fmt.Sprint(z, real(z) > 2)
}
fmt.Println($wide(#))
`, again: []string{"func $wide(x float32) string { return fmt.Sprintf(\"%T\", complex64(complex(x, x))) }"}},
	{use: []string{"type's name"}, makes: "hidden type", vars: "$complex64__ []string | $plane map[string]complex128", text: `$complex64__ ≔ []string{$wide(#), "#"}
$plane ≔ map[string]complex128{$complex64__[1]: #}
fmt.Println(len($complex64__), $wide(3), $plane)
`},
	{use: []string{"hidden type", "type's name"}, text: `$complex64__ = append($complex64__, $wide(float32(len($complex64__))))
$plane[$complex64__[len($complex64__)-1]]++
fmt.Println($complex64__[len($complex64__)-1], len($plane))
`},
	{use: []string{"hidden type"}, text: `func $spread() int { return len($complex64__) + len($plane) }
fmt.Println($spread(), cap($complex64__) >= len($complex64__))
`},
	{makes: "builtin function's name", unless: "imag", text: `func $turn(z complex128) float64 { return imag(z) + real(z)*# }
fmt.Println($turn(2+3i))
`},
	{use: []string{"builtin function's name"}, makes: "hidden builtin", vars: "$imag__ float64", text: `$imag__ ≔ $turn(#)
fmt.Println($imag__, $turn(1i))
`},
	{use: []string{"hidden builtin", "builtin function's name"}, text: `$imag__ += $turn(complex(1, $imag__))
fmt.Println($imag__)
`},
	{text: `import . "unicode/utf16"
func $units(s string) (n int) {
	for _, r := range s {
		if r := Encode([]rune{r}); len(r) > 1 || IsSurrogate(rune(r[0])) {
			n++
		}
	}
	return n
}
go RuneLen('x')
fmt.Println($units("a𝄞#"), RuneLen('𝄞'), map[int]string{len(Encode(nil)): "none"})
`},
}
