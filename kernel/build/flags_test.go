package build

import (
	"slices"
	"strings"
	"testing"
)

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		flags         string
		compile, list string
		note, err     string // parts of them
	}{
		{"-gcflags=-m", "-m", "", "", ""},
		{"-gcflags=all=-N -l", "", "", "", "-l does not work with cells"}, // the quotes are missing
		{"-gcflags all=-N", "-N", "", "", ""},
		{"-gcflags=example.org/p=-m=2", "-m=2", "", "stay as they are", ""},
		{"--tags=a,b", "", "-tags=a,b", "", ""},
		{"-tags a -mod=mod", "", "-tags=a -mod=mod", "", ""},
		{"--cover --covermode=set", "", "", "-cover has no effect", ""},
		{"-v", "", "", "-v has no effect", ""},
		{"-race", "", "", "", "race detector"},
		{"-ldflags -s", "", "", "", "linked into a running process"},
		{"-gcflags=-o=x", "", "", "", "is not for cells"},
		{"-nonsense", "", "", "", "-gcflags, -tags and -mod"},
		{"", "", "", "", ""},
	} {
		b := &Builder{flags: Flags{compile: []string{"-S"}}}
		notes, err := b.SetFlags(strings.Fields(test.flags))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) || !slices.Equal(b.flags.compile, []string{"-S"}) {
				t.Errorf("%s: error %v, flags %v", test.flags, err, b.flags)
			}
			continue
		}
		if err != nil || strings.Join(b.flags.compile, " ") != test.compile || strings.Join(b.flags.list, " ") != test.list || !strings.Contains(strings.Join(notes, "\n"), test.note) || test.note == "" && len(notes) > 0 {
			t.Errorf("%s: compiler %q, go list %q, notes %q, error %v", test.flags, b.flags.compile, b.flags.list, notes, err)
		}
	}
}

func TestRemarksOfTheCompiler(t *testing.T) {
	b := &Builder{said: "cell[3]:1:6: can inline f\n/tmp/x/cell[3]:2:1: x escapes to heap\nzz_cell.go:3:1: can inline __run\n"}
	if got := b.Remarks(); !slices.Equal(got, []string{"cell[3]:1:6: can inline f", "cell[3]:2:1: x escapes to heap"}) {
		t.Errorf("%q", got)
	}
}
