package dl

import (
	"errors"
	"strings"
	"testing"
)

func TestATensorThatNoLongerRequiresAGradientGetsNone(t *testing.T) {
	w, x := Of([]float32{1, 2}).RequireGrad(), Of([]float32{3, 4}).RequireGrad()
	w.Mul(x).Sum().Backward()
	w.SetRequiresGrad(false)
	if w.Grad() != nil || w.RequiresGrad() {
		t.Errorf("gradient %v is kept", w.Grad())
	}
	w.Mul(x).Sum().Backward()
	if w.Grad() != nil || x.Grad().At(0) != 2 {
		t.Errorf("gradients %v and %v", w.Grad(), x.Grad())
	}
	w.SetRequiresGrad(true).Mul(x).Sum().Backward()
	if w.Grad() == nil || w.Grad().At(1) != 4 {
		t.Errorf("gradient %v", w.Grad())
	}
	y := w.Mul(x)
	err := Try(func() { y.SetRequiresGrad(false) })
	var value *ValueError
	if !errors.As(err, &value) || !strings.Contains(err.Error(), "use Detach") || !strings.Contains(err.Error(), "fault_test.go") {
		t.Errorf("got %v", err)
	}
}
