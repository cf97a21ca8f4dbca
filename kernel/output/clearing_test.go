package output

import "testing"

// written is a sink that records the streams and where they are cleared.
type written struct {
	Sink
	stdout, stderr string
}

func (w *written) Stream(name, text string) {
	if name == "stdout" {
		w.stdout += text
	} else {
		w.stderr += text
	}
}
func (w *written) Clear(bool) { w.stdout += "[clear]" }

func TestClearing(t *testing.T) {
	for _, test := range []struct {
		texts []string
		want  string
	}{
		{[]string{"\fa\n\fb\n"}, "[clear]a\n[clear]b\n"},
		{[]string{"a\n", "\x1b[H\x1b[2Jb", "\fc\n", "\f"}, "a\n[clear]b\fc\n[clear]"},
		{[]string{"a \x1b[31mred\x1b[0m\n"}, "a \x1b[31mred\x1b[0m\n"},
		{[]string{"\x1b[2J\x1b[Hx", "\n", "\x1b[2Jy"}, "[clear]x\n[clear]y"},
	} {
		out := &written{}
		s := &Clearing{Sink: out}
		for _, text := range test.texts {
			s.Stream("stdout", text)
		}
		s.Stream("stderr", "\f")
		if out.stdout != test.want || out.stderr != "\f" {
			t.Errorf("%q gives %q, want %q", test.texts, out.stdout, test.want)
		}
	}
}
