package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
)

var packageVariables = map[string]any{"io.EOF": io.EOF, "os.ErrNotExist": os.ErrNotExist, "io/fs.ErrNotExist": fs.ErrNotExist,
	"context.DeadlineExceeded": context.DeadlineExceeded, "net/http.DefaultClient": http.DefaultClient, "os.Stdout": os.Stdout,
	"some.Nil": error(nil), "some.Map": map[string]int{}, "some.Number": 7}

// loose is an error that hides what it wraps from a file.
type loose struct{ c chan int }

func (l *loose) Error() string { return "loose" }

func TestErrorsStayWhatTheyAre(t *testing.T) {
	mine := errors.New("mine")
	type holder struct {
		Client *http.Client
		Out    *os.File
		Err    error
	}
	vars := map[string]any{
		"eof": ptr(io.EOF), "mine": &mine, "same": ptr(mine),
		"wrapped":  ptr(fmt.Errorf("reading: %w", fs.ErrNotExist)),
		"deep":     ptr(fmt.Errorf("deep: %w", fmt.Errorf("two: %w and %w", mine, context.DeadlineExceeded))),
		"joined":   ptr(errors.Join(mine, io.EOF)),
		"table":    ptr(map[error]int{io.EOF: 1, mine: 2}),
		"path":     ptr(error(&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist})),
		"held":     &holder{http.DefaultClient, os.Stdout, context.DeadlineExceeded},
		"hides":    ptr(fmt.Errorf("hides: %w", error(&loose{make(chan int)}))),
		"none":     ptr(error(nil)),
		"number":   ptr(any(7)),
		"imitates": ptr(errors.New("EOF")),
	}
	var b bytes.Buffer
	wrote, err := Write(&b, vars, packageVariables)
	if err != nil || len(wrote.Skipped) > 0 {
		t.Fatal(wrote, err)
	}
	if got := strings.Join(wrote.Globals, " "); got != "context.DeadlineExceeded io.EOF net/http.DefaultClient os.ErrNotExist os.Stdout" {
		t.Errorf("names %s", got)
	}
	got := map[string]any{"eof": new(error), "mine": new(error), "same": new(error), "wrapped": new(error), "deep": new(error), "joined": new(error),
		"table": new(map[error]int), "path": new(error), "held": new(holder), "hides": new(error), "none": new(error), "number": new(any), "imitates": new(error)}
	read, err := Read(b.Bytes(), got, nil, packageVariables)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range read.Skipped {
		if s.Name != "path" && s.Name != "number" { // of types that are not told to Read here
			t.Errorf("%s: %s", s.Name, s.Why)
		}
	}
	of := func(name string) error { return *got[name].(*error) }
	held := got["held"].(*holder)
	table := *got["table"].(*map[error]int)
	for what, right := range map[string]bool{
		"io.EOF is itself":           of("eof") == io.EOF,
		"one error is one":           of("mine") == of("same") && of("mine").Error() == "mine",
		"errors.Is sees what it saw": errors.Is(of("wrapped"), fs.ErrNotExist) && of("wrapped").Error() == "reading: file does not exist",
		"and deeper":                 errors.Is(of("deep"), of("mine")) && errors.Is(of("deep"), context.DeadlineExceeded) && of("deep").Error() == "deep: two: mine and context deadline exceeded",
		"in several":                 errors.Is(of("joined"), io.EOF) && errors.Is(of("joined"), of("mine")) && !errors.Is(of("joined"), fs.ErrExist),
		"as keys":                    table[io.EOF] == 1 && table[of("mine")] == 2,
		"pointers":                   held.Client == http.DefaultClient && held.Out == os.Stdout && held.Err == context.DeadlineExceeded,
		"a text that is left":        of("hides").Error() == "hides: loose",
		"nil":                        of("none") == nil,
		"the same text is no more":   of("imitates").Error() == "EOF" && of("imitates") != io.EOF,
	} {
		if !right {
			t.Errorf("not so: %s", what)
		}
	}
	// What came back can be written again; where a package is not there, the
	// variable is left out.
	var again bytes.Buffer
	if wrote, err := Write(&again, map[string]any{"deep": got["deep"], "eof": got["eof"]}, packageVariables); err != nil || len(wrote.Globals) != 2 {
		t.Error(wrote, err)
	}
	read, err = Read(again.Bytes(), map[string]any{"deep": new(error), "eof": new(error)}, nil, nil)
	if err != nil || len(read.Skipped) != 2 || !strings.Contains(read.Skipped[1].Why, "it is io.EOF, which is not there") {
		t.Error(read, err)
	}
}
