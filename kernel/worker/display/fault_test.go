package display

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

type drawnFault struct{ detail string }

func (f *drawnFault) Error() string   { return "shapes: " + f.detail }
func (f *drawnFault) Drawing() string { return "[ 1 ][ 2 ]" }
func (f *drawnFault) MimeBundle() map[string]any {
	return map[string]any{"text/html": "<p>" + f.detail, "text/plain": f.Error()}
}

type brokenFault struct{}

func (brokenFault) Error() string              { panic("no message") }
func (brokenFault) MimeBundle() map[string]any { panic("nothing to show") }
func (brokenFault) Unwrap() error              { panic("no cause") }

type plainFault struct{}

func (plainFault) Error() string              { return "x" }
func (plainFault) MimeBundle() map[string]any { return map[string]any{"text/plain": "x"} }

// What an error has to show beside its message is found behind the errors around it.
func TestFault(t *testing.T) {
	fault := &drawnFault{"2 and 3"}
	for _, v := range []any{fault, fmt.Errorf("nn: layer 2: %w", fault), errors.Join(errors.New("first"), fault)} {
		data, _, ok := Fault(v)
		if !ok || data["text/html"] != "<p>2 and 3" || data["text/plain"] != "[ 1 ][ 2 ]" {
			t.Errorf("%T: %v, %v", v, data, ok)
		}
	}
	for _, v := range []any{nil, "text", 5, errors.New("plain"), (*drawnFault)(nil), fmt.Errorf("x: %w", (*drawnFault)(nil)), brokenFault{}, plainFault{}, figure{}} {
		if data, _, ok := Fault(v); ok && !strings.Contains(fmt.Sprint(data), "2 and 3") {
			t.Errorf("%T: %v", v, data)
		}
	}
}
