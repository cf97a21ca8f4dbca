package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/complete"
)

func matchTexts(c complete.Completions) (all []string) {
	for _, m := range c.Matches {
		all = append(all, m.Text)
	}
	return all
}

func TestCompletionKnowsTheSession(t *testing.T) {
	nb := open(t)
	nb.run("type point struct{ X, Y float64 }\n\n// Norm is a length.\nfunc (p point) Norm() float64 { return p.X }\np := point{3, 4}")
	for code, want := range map[string]string{"p.N": "Norm", "poi": "point", "strings.HasP": "HasPrefix", "%whos": "", "%who": "%whos", "mat.NewDen": "NewDense"} {
		got := matchTexts(nb.Complete(code, len(code)))
		if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("%s: %v, want %q", code, got, want)
		}
	}
	page, ok := nb.Document("p.Norm()", 4, false)
	if !ok || !strings.Contains(page.Plain, "Norm is a length.") {
		t.Errorf("p.Norm: %+v", page)
	}
	page, ok = nb.Document("p", 1, false)
	if !ok || !strings.Contains(page.Plain, "Value: ") || !strings.Contains(page.Plain, "3") {
		t.Errorf("p: %+v", page)
	}
	page, ok = nb.Document("mat.NewDense(", 13, false)
	if !ok || !strings.Contains(page.Markdown, "NewDense creates a new Dense matrix") {
		t.Errorf("mat.NewDense: %+v", page)
	}
	nb.run("%rm p")
	if got := matchTexts(nb.Complete("p.N", 3)); len(got) > 0 {
		t.Errorf("of a variable that is gone: %v", got)
	}
	nb.run("%reset")
	if got := matchTexts(nb.Complete("poi", 3)); slices.Contains(got, "point") {
		t.Errorf("of a type that is gone: %v", got)
	}
}

func TestCompletionWhileACellRuns(t *testing.T) {
	nb := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	begun := make(chan struct{}, 1)
	out := &record{onText: func() { begun <- struct{}{} }}
	done := make(chan error)
	go func() {
		done <- nb.Execute(ctx, Request{Code: "table := map[string]int{}\nfmt.Println(1)\nfor { table[\"a\"]++ }", Cell: 1}, out)
	}()
	<-begun
	for range 3 { // the session of the running cell, and the values of the moment
		if got := matchTexts(nb.Complete("tab", 3)); !slices.Contains(got, "table") {
			t.Errorf("got %v", got)
		}
		page, ok := nb.Document("table", 5, false)
		if !ok || !strings.Contains(page.Plain, "var table map[string]int") || !strings.Contains(page.Plain, `Value: {"a": `) && !strings.Contains(page.Plain, "Value: {}") {
			t.Errorf("table: %+v", page)
		}
	}
	cancel()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the cell does not end")
	}
}

func TestDocumentationAsOutput(t *testing.T) {
	nb := open(t)
	nb.run("// Twice doubles.\nfunc Twice(x int) int { return 2 * x }\nx := 21")
	for code, want := range map[string]string{
		"%doc Twice": "Twice doubles.", "Twice?": "func Twice(x int) int", "Twice??": "return 2 * x", "?strings.Split": "func strings.Split(",
		"%doc -src Twice": "return 2 * x", "x?": "Value: 21", "strings?": "package strings", "%cd?": "changes the directory in which cells run",
		"%doc net/smtp.SendMail": "SendMail connects to the server", "%doc \"gonum.org/v1/gonum/stat\"": "package stat",
	} {
		out := nb.run(code)
		if len(out.displays) != 1 {
			t.Errorf("%s: %d displays", code, len(out.displays))
			continue
		}
		if got := fmt.Sprint(out.displays[0].Data["text/plain"]); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%.500s", code, want, got)
		}
	}
	nb.fails("%doc nothing.Here", "NameError", "there is no documentation of nothing.Here")
	nb.shows("Twice?\nTwice(x)", "42")
}
