package optim

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// The state of a Lookahead goes to the parameters of the same names, and one of another optimizer is refused.
func TestLookaheadState(t *testing.T) {
	p, q := dl.Of([]float32{1, 2}).RequireGrad().SetName("p"), dl.Of([]float32{3}).RequireGrad().SetName("q")
	o := &Lookahead{Optimizer: &SGD{LearningRate: 0.5}, Every: 2}
	for range 3 {
		give(p, []float32{1, 1})
		give(q, []float32{2})
		o.Step([]*dl.Tensor{p, q})
	}
	// Two steps of 0.5 and 1, half of the way back, and one step more.
	if got := []float32{p.Float32s()[0], q.Float32s()[0]}; !slices.Equal(got, []float32{0, 1}) {
		t.Errorf("after 3 steps the weights are %v", got)
	}
	state := o.State()
	if state.Optimizer != "Lookahead(SGD)" || len(state.Slots["slow"]) != 2 || state.Slots["slow"][1].Item() != 2 {
		t.Errorf("the state is %+v", state)
	}
	if err := (&Lookahead{Optimizer: &Adam{}}).SetState(state); err == nil || !strings.Contains(err.Error(), `of "Lookahead(SGD)", not of Lookahead(Adam)`) {
		t.Errorf("Lookahead of SGD for one of Adam: %v", err)
	}
	if err := (&SGD{}).SetState(state); err == nil {
		t.Error("SGD takes the state of a Lookahead")
	}
	other := &Lookahead{Optimizer: &SGD{LearningRate: 0.5}, Every: 2}
	if err := other.SetState(state); err != nil {
		t.Fatal(err)
	}
	if again := other.State(); again.Slots["slow"][1].Item() != 2 || again.Step != 3 {
		t.Errorf("the state before the first step is %+v", again)
	}
	give(p, []float32{1, 1})
	give(q, []float32{2})
	other.Step([]*dl.Tensor{q, p}) // in another order
	if got := []float32{p.Float32s()[0], q.Float32s()[0]}; !slices.Equal(got, []float32{0, 1}) {
		t.Errorf("after the fourth step the weights are %v", got)
	}
}

// A parameter without a gradient stays exactly as it is, whatever the share.
func TestLookaheadLeavesWhatHasNoGradient(t *testing.T) {
	p := dl.Of([]float32{0.1, 0.7, 1e-3}).RequireGrad()
	o := &Lookahead{Every: 1, Share: 0.3}
	for range 5 {
		o.Step([]*dl.Tensor{p})
	}
	if !slices.Equal(p.Float32s(), []float32{0.1, 0.7, 1e-3}) {
		t.Errorf("the weights are %v", p)
	}
}

func TestLookaheadMistakes(t *testing.T) {
	p := dl.Of([]float32{1}).RequireGrad()
	for _, o := range []*Lookahead{{Every: -1}, {Share: 1.5}, {Share: -1}} {
		err := dl.Try(func() { o.Step([]*dl.Tensor{p}) })
		var wrong *dl.ValueError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "optim.Lookahead") {
			t.Errorf("Every %d, Share %v: %v", o.Every, o.Share, err)
		}
	}
}
