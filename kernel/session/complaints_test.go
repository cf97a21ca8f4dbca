package session

import (
	"errors"
	"testing"

	"modelbook/kernel/source"
)

// TestMessagesCarryNames looks at what a message says besides its text, with which
// others suggest names and get packages.
func TestMessagesCarryNames(t *testing.T) {
	const decls = "import \"strings\"\nvar _ = strings.ToUpper\ntype T struct{ Len int }\nfunc (T) Sum() int { return 0 }\ntype I interface{ M() }\nvar t T; var i *I\nfunc f(int) int { return 0 }"
	for stmts, want := range map[string]source.Message{
		"_ = nowhere":                  {Text: "undefined: nowhere", Problem: source.UndefinedName, Name: "nowhere"},
		"_ = strings.Upcase":           {Text: "undefined: strings.Upcase", Problem: source.UnknownExport, Name: "Upcase"},
		"_ = t.size":                   {Text: "t.size undefined (type T has no field or method size)", Problem: source.UnknownMember, Name: "size"},
		"_ = T{Size: 1}":               {Text: "unknown field Size in struct literal of type T", Problem: source.UnknownMember, Name: "Size"},
		"_ = t.len":                    {Text: "t.len undefined (type T has no field or method len, but does have field Len)"},
		"t.sum()":                      {Text: "t.sum undefined (type T has no field or method sum, but does have method Sum)"},
		"_ = T{len: 1}":                {Text: "unknown field len in struct literal of type T, but does have Len"},
		"i.M()":                        {Text: "i.M undefined (type *I is pointer to interface, not interface)"},
		"_ = T(1, 2)":                  {Text: "too many arguments in conversion to T", Problem: source.CalledType, Name: "T"},
		"_ = T(f(1))":                  {Text: "cannot convert f(1) (value of type int) to type T", Problem: source.CalledType, Name: "T"},
		"_ = f(t.Sum(1))":              {Text: "too many arguments in call to t.Sum\n\thave (number)\n\twant ()"},
		"_ = []T{{len: 1}}":            {Text: "unknown field len in struct literal of type T, but does have Len"},
		"_ = map[int]*T{1: {size: 1}}": {Text: "unknown field size in struct literal of type T", Problem: source.UnknownMember, Name: "size"},
		"f(1, 2)":                      {Text: "too many arguments in call to f\n\thave (number, number)\n\twant (int)"},
		"x := strings; _ = x":          {Text: "use of package strings without selector"},
		"var s string = 1; println(s)": {Text: "cannot use 1 (untyped int constant) as string value in variable declaration"},
	} {
		_, err := start(t).plan(decls, stmts)
		var bad *Error
		if !errors.As(err, &bad) || len(bad.Messages) != 1 {
			t.Errorf("%s: %v", stmts, err)
			continue
		}
		got := bad.Messages[0]
		if got.Text != want.Text || got.Problem != want.Problem || got.Name != want.Name {
			t.Errorf("%s: %q, problem %d, name %q; want %q, %d, %q", stmts, got.Text, got.Problem, got.Name, want.Text, want.Problem, want.Name)
		}
	}
}

// TestDroppedNamesAreExplained checks that the name of what was dropped no longer
// counts as unknown: nothing else is to be suggested for it.
func TestDroppedNamesAreExplained(t *testing.T) {
	c := start(t)
	c.commit("func g() int { return h() }\nfunc h() int { return 1 }", "")
	c.commit("func h() string { return \"\" }", "") // g no longer compiles
	_, err := c.plan("", "println(g(), g())")
	var bad *Error
	if !errors.As(err, &bad) || len(bad.Messages) != 1 {
		t.Fatal(err)
	}
	if m := bad.Messages[0]; m.Problem != source.OtherProblem || m.Name != "" || m.Text == "undefined: g" {
		t.Errorf("%+v", m)
	}
}
