package edit

import (
	"go/token"
	"testing"
)

func TestApply(t *testing.T) {
	const text = "abcdef"
	for name, test := range map[string]struct {
		edits func(*List)
		want  string
	}{
		"nothing":                       {func(l *List) {}, "abcdef"},
		"insertions keep their order":   {func(l *List) { l.Insert(12, "1"); l.Insert(12, "2") }, "ab12cdef"},
		"an insertion is in front":      {func(l *List) { l.Replace(12, 14, "X"); l.Insert(12, "1") }, "ab1Xef"},
		"behind a replacement":          {func(l *List) { l.Replace(11, 12, "X"); l.Insert(12, "1") }, "aX1cdef"},
		"the wider edit wins":           {func(l *List) { l.Replace(11, 12, "X"); l.Replace(11, 15, "Y") }, "aYf"},
		"one inside another is lost":    {func(l *List) { l.Remove(11, 15, "Y"); l.Insert(13, "X") }, "aYf"},
		"at the end":                    {func(l *List) { l.Insert(16, "!") }, "abcdef!"},
		"removed at the end":            {func(l *List) { l.Remove(10, 16, "") }, ""},
		"in any order":                  {func(l *List) { l.Insert(15, "2"); l.Insert(11, "1") }, "a1bcde2f"},
		"a replacement by longer text":  {func(l *List) { l.Replace(10, 11, "long") }, "longbcdef"},
		"two neighbours":                {func(l *List) { l.Replace(11, 12, "B"); l.Replace(12, 13, "C") }, "aBCdef"},
		"the same place replaced twice": {func(l *List) { l.Replace(11, 12, "1"); l.Replace(11, 12, "2") }, "a1cdef"},
	} {
		var l List
		test.edits(&l)
		if got := l.Apply(text, 10); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestRemoved(t *testing.T) {
	var l List
	l.Remove(12, 14, "x")
	l.Replace(15, 16, "y")
	for pos, want := range map[token.Pos]bool{11: false, 12: true, 13: true, 14: false, 15: false} {
		if got := l.Removed(pos); got != want {
			t.Errorf("%d: %v", pos, got)
		}
	}
	if part := l.Within(14, 17); len(part) != 1 || part[0].Text != "y" {
		t.Error(part)
	}
}
