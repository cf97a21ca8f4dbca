package mistakes

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
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

// leaveOut leaves out what Any says.
func (s *Surface) leaveOut(t *testing.T, accepted map[string][]string) {
	used := map[string]bool{}
	for key := range accepted {
		_, parameter, _ := strings.Cut(key, " ")
		for _, name := range []string{key, parameter} {
			if s.Any[name] != "" {
				used[name] = true
				delete(accepted, key)
			}
		}
	}
	for key, values := range accepted {
		accepted[key] = slices.DeleteFunc(values, func(value string) bool {
			for name := range s.Any {
				function, field, ok := strings.Cut(name, "{")
				if ok && (function == "" || strings.HasPrefix(key, function)) && strings.Contains(value, "{"+strings.TrimSuffix(field, "}")+":") {
					used[name] = true
					return true
				}
			}
			return false
		})
		if len(accepted[key]) == 0 {
			delete(accepted, key)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Any)) {
		if !used[name] {
			t.Errorf("%s is in Any, but nothing wrong is accepted for it", name)
		}
	}
}

// compare compares what was accepted with what is recorded as right to accept.
func compare(t *testing.T, file string, accepted map[string][]string) {
	var b strings.Builder
	b.WriteString("# What is accepted although it looks wrong: function or method, argument, values. Each is a decision.\n")
	for _, key := range slices.Sorted(maps.Keys(accepted)) {
		fmt.Fprintf(&b, "%s: %s\n", key, strings.Join(accepted[key], "; "))
	}
	if *accept {
		if len(accepted) == 0 {
			os.Remove(file)
			return
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && len(accepted) == 0 {
		return
	}
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
