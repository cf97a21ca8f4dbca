//go:build !race && !checked

package nn

import (
	"testing"

	"modelbook/dl"
)

// A training step of a layer with all that is optional allocates no more than a step of the plain one.
func TestTransformerStepsAllocateNothing(t *testing.T) {
	for name, layer := range map[string]TransformerEncoderLayer{
		"plain": {Heads: 2},
		"all": {Heads: 4, KVHeads: 2, Causal: true, Window: 3, Rotary: &Rotary{}, Gated: true, Activation: GELU, NormFirst: true, NoBias: true,
			Dropout: 0.1, AttentionDropout: 0.1, HiddenDropout: 0.1},
	} {
		m := Build(layer, 5, 16)
		SetTraining(m, true)
		parameters, x := Trainable(m), dl.Randn(2, 5, 16)
		arena := dl.NewArena()
		step := func() {
			for _, p := range parameters {
				p.ZeroGrad()
			}
			m.Forward(x).Sum().Backward()
		}
		for range 3 {
			arena.Run(step)
		}
		if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n > 1 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

// A training step of a norm of groups or of neighbours, or of shuffled channels, allocates nothing.
func TestStepsOfChannelsAllocateNothing(t *testing.T) {
	x := dl.Randn(2, 4, 4, 6).RequireGrad()
	for _, m := range []Forwarder{Build(GroupNorm{Groups: 2}, 4, 4, 6), Build(LocalResponseNorm{Size: 5}, 4, 4, 6), Build(ChannelShuffle{Groups: 2}, 4, 4, 6)} {
		SetTraining(m, true)
		parameters, arena := Trainable(m), dl.NewArena()
		step := func() {
			x.ZeroGrad()
			for _, p := range parameters {
				p.ZeroGrad()
			}
			m.Forward(x).Sum().Backward()
		}
		for range 3 {
			arena.Run(step)
		}
		if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n > 0 {
			t.Errorf("%T: %v allocations a step", m, n)
		}
	}
}
