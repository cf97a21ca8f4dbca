package engine

import (
	"testing"

	"modelbook/kernel/source/gen"
)

func TestCompilersSpeakOfWhatTheUserWrote(t *testing.T) {
	for text, want := range map[string]string{
		"cannot use err__v1 (variable of type error)":                     "cannot use err (variable of type error)",
		"/tmp/gonb_1/session/cell3/zz_cell.go:4:2: bad x__v12 + int__own": "bad x + int",
		"__dot_strings.Builder and __pkg_log":                             "Builder and log",
		"my__value is not generated":                                      "my__value is not generated",
	} {
		if got := gen.AsWritten(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
