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

// What cannot be has words, not the runtime's.
func TestFaultsHaveWords(t *testing.T) {
	for name, tt := range map[string]struct {
		f    func()
		says string
	}{
		"more elements than memory":         {func() { Zeros(1 << 50) }, "no memory for so many elements"},
		"more elements than memory in all":  {func() { New(Float64, 1<<30, 1<<30) }, "no memory for so many elements"},
		"a negative size":                   {func() { Zeros(2, -1) }, "must not be negative"},
		"Dropout without a source":          {func() { Dropout(Ones(3), 0.5, nil) }, "make it with NewRand"},
		"Dropout with a source of zero":     {func() { Dropout(Ones(3), 0.5, &Rand{}) }, "make it with NewRand"},
		"numbers of a source that is zero":  {func() { new(Rand).Uniforms(0, 1, 2) }, "make it with NewRand"},
		"a permutation of nil":              {func() { (*Rand)(nil).Perm(3) }, "make it with NewRand"},
		"a source that is nil in gradients": {func() { Dropout(Ones(3).RequireGrad(), 0.5, nil) }, "fault_test.go"},
	} {
		if err := Try(tt.f); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
	r := &Rand{}
	if err := r.SetState(NewRand(3).State()); err != nil || r.Uint64() != NewRand(3).Uint64() {
		t.Errorf("a source that takes a state: %v", err)
	}
}
