package command

import (
	"testing"

	"modelbook/kernel/output"
)

func TestCapturedVariable(t *testing.T) {
	out := &record{}
	o := NewOutput(out)
	o.hidden, o.variable = &captured{}, "v"
	o.Stream("stdout", "a\n")
	o.Stream("stderr", "b")
	o.Display(output.Display{Data: map[string]any{"text/plain": "c", "x/y": 1}})
	code, err := o.End()
	if want := `v := ` + CapturedType + `{"a\n", "b", []map[string]string{map[string]string{"text/plain":"c", "x/y":"1"}}}`; code != want || err != nil {
		t.Errorf("%s, %v", code, err)
	}
	if o.Stream("stdout", "shown"); out.stdout != "shown" || len(out.displays) != 0 {
		t.Errorf("the front end shows %q and %v", out.stdout, out.displays)
	}
}
