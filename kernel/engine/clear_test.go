package engine

import "testing"

func TestFormFeedClears(t *testing.T) {
	for _, test := range []struct {
		texts []string
		want  string
	}{
		{[]string{"\fa\n\fb\n"}, "[clear]a\n[clear]b\n"},
		{[]string{"a\n", "\x1b[H\x1b[2Jb", "\fc\n", "\f"}, "a\n[clear]b\fc\n[clear]"},
		{[]string{"a \x1b[31mred\x1b[0m\n"}, "a \x1b[31mred\x1b[0m\n"},
		{[]string{"\x1b[2J\x1b[Hx", "\n", "\x1b[2Jy"}, "[clear]x\n[clear]y"},
	} {
		out := &record{}
		s := &cellSink{Sink: out}
		for _, text := range test.texts {
			s.Stream("stdout", text)
		}
		s.Stream("stderr", "\f")
		if out.stdout != test.want || out.stderr != "\f" {
			t.Errorf("%q gives %q, want %q", test.texts, out.stdout, test.want)
		}
	}
}
