package compress

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// Pruning is a callback that sets the smallest weights to zero while a model trains, more and more of them, and keeps them zero:
// Zhu and Gupta (2017), whose schedule TensorFlow's model optimization and PyTorch's users know as polynomial. Weights that are
// zero when the training begins stay so, so that a pruned model can be trained further after it was saved and loaded.
//
// Only matrices and filters are pruned, no biases, norms or other vectors.
type Pruning struct {
	Sparsity    float64                // share of the weights that are zero in the end; 0: only those that are zero already
	From, To    int                    // steps (batches, from 0) between which the share grows; To 0: it is there at From
	Every       int                    // steps from one time to the next; 0: 50
	ByParameter bool                   // each parameter has the share for itself; else the smallest of all are pruned
	Skip        func(name string) bool // says of a parameter, by its path as in nn.NamedParameters, that it stays; nil: none
}

// Start begins to prune: see [train.Callback].
func (p Pruning) Start(run *train.Run) (train.Observer, error) {
	if !(p.Sparsity >= 0 && p.Sparsity < 1) {
		return nil, fmt.Errorf("compress.Pruning: the Sparsity is %v; it is from 0 to below 1", p.Sparsity)
	}
	if p.From < 0 || p.To < 0 || p.To > 0 && p.To < p.From || p.Every < 0 {
		return nil, fmt.Errorf("compress.Pruning: steps from %d to %d, every %d, make no schedule", p.From, p.To, p.Every)
	}
	if p.Every == 0 {
		p.Every = 50
	}
	return p.observer(run.Model)
}

func (p Pruning) observer(m nn.Module) (*pruner, error) {
	o := &pruner{Pruning: p}
	for _, n := range nn.NamedParameters(m) {
		v := n.Value
		if v.Rank() < 2 || n.Frozen || v.DType() != dl.Float32 || p.Skip != nil && p.Skip(n.Name) {
			continue
		}
		k := &kept{values: v.Contiguous().Float32s(), mask: make([]bool, v.Size())}
		for i, w := range k.values {
			k.mask[i] = w != 0
		}
		o.all = append(o.all, k)
	}
	if o.all == nil {
		return nil, fmt.Errorf("compress.Pruning: the model has no weights that can be pruned: trainable matrices or filters of float32")
	}
	o.first = o.share()
	return o, nil
}

// pruner is a pruning under way.
type pruner struct {
	train.Observe
	Pruning
	all   []*kept
	first float64 // share of zeros at the beginning
	steps int
}

// kept are the values of a parameter, and which of them are not pruned.
type kept struct {
	values []float32
	mask   []bool
}

// share is how many of the weights are pruned.
func (p *pruner) share() float64 {
	n, zero := 0, 0
	for _, k := range p.all {
		n += len(k.mask)
		for _, on := range k.mask {
			if !on {
				zero++
			}
		}
	}
	return float64(zero) / float64(n)
}

// Batch prunes where it is time, and keeps zeros zero.
func (p *pruner) Batch(*train.Run) error {
	if target, now := p.due(p.steps); now {
		p.prune(target)
	}
	p.steps++
	for _, k := range p.all {
		for i, on := range k.mask {
			if !on {
				k.values[i] = 0
			}
		}
	}
	return nil
}

// due is the share that is to be zero at a step, and whether it is time for it.
func (p *pruner) due(step int) (float64, bool) {
	switch {
	case p.Sparsity <= p.first || step < p.From:
		return 0, false
	case step >= p.To:
		return p.Sparsity, step == max(p.From, p.To)
	}
	left := 1 - float64(step-p.From)/float64(p.To-p.From)
	return p.Sparsity + (p.first-p.Sparsity)*left*left*left, (step-p.From)%p.Every == 0
}

func (p *pruner) prune(share float64) {
	if p.ByParameter {
		for _, k := range p.all {
			smallest(share, k)
		}
		return
	}
	smallest(share, p.all...)
}

// smallest takes the smallest weights out until a share of all is out.
func smallest(share float64, all ...*kept) {
	var sizes []float32
	for _, k := range all {
		for i, w := range k.values {
			if !k.mask[i] {
				w = 0
			}
			sizes = append(sizes, float32(math.Abs(float64(w))))
		}
	}
	out := int(math.Round(share * float64(len(sizes))))
	if out == 0 {
		return
	}
	slices.Sort(sizes)
	bound, below := sizes[out-1], 0
	for _, s := range sizes[:out] {
		if s < bound {
			below++
		}
	}
	equal := out - below // of those that are as large as the bound, the first
	for _, k := range all {
		for i, w := range k.values {
			size := float32(math.Abs(float64(w)))
			if !k.mask[i] {
				size = 0
			}
			if size < bound || size == bound && equal > 0 {
				if size == bound {
					equal--
				}
				k.mask[i] = false
			}
		}
	}
}

// Prune sets the smallest weights of a trained model to zero at once, without training: see [Pruning]. It returns the share of
// the prunable weights that are zero then.
func Prune(m nn.Module, p Pruning) (float64, error) {
	if !(p.Sparsity >= 0 && p.Sparsity < 1) {
		return 0, fmt.Errorf("compress.Prune: the Sparsity is %v; it is from 0 to below 1", p.Sparsity)
	}
	o, err := p.observer(m)
	if err != nil {
		return 0, err
	}
	o.prune(p.Sparsity)
	o.Sparsity = 0
	return o.share(), o.Batch(nil)
}

// Sparsity is the share of zeros among the matrices and filters of a model.
func Sparsity(m nn.Module) float64 {
	n, zero := 0, 0
	for _, p := range nn.NamedParameters(m) {
		if p.Value.Rank() < 2 {
			continue
		}
		for _, w := range dl.Values[float64](p.Value.Detach().To(dl.Float64)) {
			if n++; w == 0 {
				zero++
			}
		}
	}
	if n == 0 {
		return 0
	}
	return float64(zero) / float64(n)
}
