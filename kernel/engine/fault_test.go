package engine

import (
	"strings"
	"testing"
)

// Shapes that do not fit are drawn above the traceback, of a panic and of an error that nobody looked at.
func TestShapesThatDoNotFitAreDrawn(t *testing.T) {
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	for _, code := range []string{
		"dl.Ones(3, 4).MatMul(dl.Ones(5, 2))",
		"dl.Try(func() { dl.Ones(3, 4).MatMul(dl.Ones(5, 2)) })",
	} {
		out, err := nb.try(code)
		if err == nil || !strings.Contains(err.Value, "MatMul: shapes [3 4] and [5 2]") {
			t.Fatalf("%s: %v", code, err)
		}
		if len(out.shown) != 1 {
			t.Fatalf("%s: %d outputs beside the error", code, len(out.shown))
		}
		html, _ := out.shown[0].Data["text/html"].(string)
		text, _ := out.shown[0].Data["text/plain"].(string)
		if !strings.Contains(html, "<svg") || !strings.Contains(text, "[ 3 ][ 4 ]") || !strings.Contains(text, "^") {
			t.Errorf("%s: shown is %q and %q", code, text, html)
		}
	}
}
