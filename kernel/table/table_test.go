package table

import (
	"strings"
	"testing"
	"time"
)

func TestText(t *testing.T) {
	table := Table{Title: "two rows", Head: []string{"name", "n"}, Rows: [][]string{{"a\tb", "1"}, {"ä", "200"}}, Right: -1}
	if got, want := table.Text(), "two rows\nname    n\na b     1\nä     200"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHTML(t *testing.T) {
	got := Table{Title: "<1>", Head: []string{"a", "b"}, Rows: [][]string{{" x", "<y>"}}, Right: 1, Colour: map[string]string{"<y>": "red"}}.HTML()
	for _, want := range []string{"<p>&lt;1&gt;</p>", `<th style="text-align:right">a</th>`, ">&nbsp;&nbsp;x</code>", `font-weight:bold;color:red"`, "&lt;y&gt;</code>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Bytes(0), "0 B"}, {Bytes(1023), "1023 B"}, {Bytes(2048), "2.0 KiB"}, {Bytes(3 << 30), "3.0 GiB"},
		{Duration(1234567 * time.Nanosecond), "1.2346 ms"}, {Duration(12345678 * time.Nanosecond), "12.3 ms"}, {Duration(75 * time.Second), "1m15s"},
		{Sampled(60 * time.Millisecond), "60 ms"}, {Sampled(1500 * time.Millisecond), "1.50 s"},
		{Nanoseconds(0.25), "0.25 ns"}, {Nanoseconds(1234567), "1.235 ms"}, {Nanoseconds(2e9), "2 s"},
		{Percent(1, 8), "12.5%"}, {Percent(1, 0), "0.0%"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
