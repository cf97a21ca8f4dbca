package train

import (
	"testing"
	"time"
)

// The picture has a box for each pass, layer, part of a layer and operation, as wide as they take; the tree leaves out what
// takes less than a fiftieth.
func TestFlameGraphOfTimings(t *testing.T) {
	operation := func(layer, name string, backward bool, took time.Duration) operationTime {
		return operationTime{operationKey{layer, name, backward}, took}
	}
	timings := &Timings{Measured: 2, Step: 100 * time.Millisecond, Data: 10 * time.Millisecond, Optimizer: 20 * time.Millisecond,
		operations: []operationTime{
			operation("conv2d", "Conv2D", false, 15*time.Millisecond),
			operation("block.dense", "Affine", false, 5*time.Millisecond),
			operation("block.norm", "LayerNorm", false, time.Millisecond),
			operation("conv2d", "Conv2D", true, 30*time.Millisecond),
			operation("", "Mean", true, 19*time.Millisecond),
		}}
	const want = ` 10.0%  data
 21.0%  forward
 15.0%    conv2d
 15.0%      Conv2D
  6.0%    block
  5.0%      dense
  5.0%        Affine
 49.0%  backward
 30.0%    conv2d
 30.0%      Conv2D
 19.0%    (no parameters)
 19.0%      Mean
 20.0%  optimizer and metrics`
	if got := timings.FlameGraph().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
