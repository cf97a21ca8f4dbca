package nn

import (
	"testing"

	"modelbook/dl"
)

// BenchmarkVanishing is the way back through 300 steps from the last output: the gradients of the first steps are below what
// float32 can hold.
func BenchmarkVanishing(b *testing.B) {
	in := []int{300, 64}
	x := dl.NewRand(1).Normals(0, 1, 32, 300, 64)
	for name, l := range map[string]interface {
		Forward(x *dl.Tensor) *dl.Tensor
		Parameters() []*Parameter
	}{"SimpleRNN": Build(SimpleRNN{Units: 128}, in...), "GRU": Build(GRU{Units: 128}, in...), "LSTM": Build(LSTM{Units: 128}, in...)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, p := range l.Parameters() {
					p.Value.ZeroGrad()
				}
				l.Forward(x).Sum().Backward()
			}
		})
	}
}
