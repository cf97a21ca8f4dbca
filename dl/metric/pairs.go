package metric

import (
	"modelbook/dl"
)

// pairs reads predictions and targets of a regression side by side.
type pairs struct {
	scores
	targets []float32
	wide    [2][]float64 // of float64 tensors
}

// newPairs reads predictions [N] or [N, ...] and targets of the same shape, or of as many values, such as [N] for
// [N, 1].
func newPairs(op string, prediction, target *dl.Tensor) pairs {
	if prediction.Rank() == 0 || target.Rank() == 0 || prediction.Dim(0) != target.Dim(0) || prediction.Size() != target.Size() {
		dl.PanicShape(op, "predictions and targets are numbers [N] or [N, ...] of the same shape", prediction, target)
	}
	if prediction.DType() == dl.Float64 || target.DType() == dl.Float64 || !target.DType().IsFloat() {
		p := pairs{scores: scores{op: op, t: prediction, cols: 1}}
		p.wide[0] = prediction.To(dl.Float64).Contiguous().Float64s()
		p.wide[1] = target.To(dl.Float64).Contiguous().Float64s()
		p.shape(len(p.wide[0]))
		return p
	}
	p := pairs{scores: newScores(op, prediction), targets: target.To(dl.Float32).Contiguous().Float32s()}
	p.shape(len(p.values))
	return p
}

// shape makes all values of a sample its columns.
func (p *pairs) shape(values int) {
	p.rows = p.t.Dim(0)
	p.cols = values / max(p.rows, 1)
}

// of are the prediction and the target of a sample's column.
func (p *pairs) of(i, j int) (predicted, truth float64) {
	k := i*p.cols + j
	if p.wide[0] != nil {
		return p.wide[0][k], p.wide[1][k]
	}
	return float64(p.values[k]), float64(p.targets[k])
}
