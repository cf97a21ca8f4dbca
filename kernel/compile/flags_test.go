package compile

import (
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
		f, notes, err := ParseFlags(strings.Fields(test.flags))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) || f.Compiler != nil || f.Module != nil {
				t.Errorf("%s: error %v, flags %v", test.flags, err, f)
			}
			continue
		}
		if err != nil || strings.Join(f.Compiler, " ") != test.compile || strings.Join(f.Module, " ") != test.list || !strings.Contains(strings.Join(notes, "\n"), test.note) || test.note == "" && len(notes) > 0 {
			t.Errorf("%s: compiler %q, go list %q, notes %q, error %v", test.flags, f.Compiler, f.Module, notes, err)
		}
	}
}
