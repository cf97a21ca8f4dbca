package mistakes

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	accept = flag.Bool("accept", false, "write what is accepted to testdata/accepted.txt: read the difference")
	say    = flag.String("say", "", "a file for all messages, to read")
)

// compare compares what was accepted with what is recorded as right to accept.
func compare(t *testing.T, file string, accepted map[string][]string) {
	var b strings.Builder
	b.WriteString("# What is accepted although it looks wrong: function or method, argument, values. Each is a decision.\n")
	for _, key := range slices.Sorted(maps.Keys(accepted)) {
		fmt.Fprintf(&b, "%s: %s\n", key, strings.Join(accepted[key], "; "))
	}
	if *accept {
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(text), "\n"), strings.Split(b.String(), "\n")
	n := 0
	for _, line := range is {
		if !slices.Contains(was, line) && n < 20 {
			n++
			t.Errorf("accepted now, other than in testdata/accepted.txt: %s", line)
		}
	}
	for _, line := range was {
		if key, _, _ := strings.Cut(line, ":"); !slices.Contains(is, line) && accepted[key] == nil && n < 20 {
			n++
			t.Errorf("accepted in testdata/accepted.txt, but not any more: %s", line)
		}
	}
	if n > 0 {
		t.Log("if that is right, run the test with -accept")
	}
}

// log writes the messages, to be read.
func (r *tester) log() {
	if *say == "" {
		return
	}
	f, err := os.Create(*say)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	for _, key := range slices.Sorted(maps.Keys(r.said)) {
		fmt.Fprintln(f, key)
	}
}
