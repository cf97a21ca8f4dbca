package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"modelbook/dl"
)

func init() { addKinds(map[string]kind{"Regularized": kindOf[Regularized]()}) }

// Regularizer is a number that training makes small beside the loss, of a parameter or of a layer's outputs.
type Regularizer interface {
	Penalty(w *dl.Tensor) *dl.Tensor // one element
}

// L1 is a factor times the sum of the absolute values, which makes many of them 0; Keras's default is 0.01.
type L1 float64

// L2 is a factor times the sum of the squares; Keras's default is 0.01. The weight decay of PyTorch's SGD is half of it:
// the factor 0.01 pulls as a weight decay of 0.02.
type L2 float64

// L1L2 is the sum of both.
type L1L2 struct{ L1, L2 float64 }

// OrthogonalRegularizer makes the rows of a matrix orthogonal to each other, or its columns: it is a factor times the mean
// of the absolute cosines between any two of them. The columns of the weights of a Dense, [in, Units], are what its outputs
// are made with.
type OrthogonalRegularizer struct {
	Factor  float64 // 0: 0.01, as in Keras
	Columns bool    // instead of rows: Keras's mode "columns"
}

// Penalty computes it: see [Regularizer].
func (l L1) Penalty(w *dl.Tensor) *dl.Tensor {
	return w.Abs().Sum().MulScalar(penaltyFactor("nn.L1", float64(l)))
}

// Penalty computes it: see [Regularizer].
func (l L2) Penalty(w *dl.Tensor) *dl.Tensor {
	return w.Square().Sum().MulScalar(penaltyFactor("nn.L2", float64(l)))
}

// penaltyFactor is a factor that is none of the impossible ones.
func penaltyFactor(op string, v float64) float64 {
	if !(v >= 0) || math.IsInf(v, 0) {
		dl.PanicValue(op, "the factor is %v; it is a finite number from 0 on, such as 0.01", v)
	}
	return v
}

// Penalty computes it: see [Regularizer].
func (l L1L2) Penalty(w *dl.Tensor) *dl.Tensor {
	return L1(l.L1).Penalty(w).Add(L2(l.L2).Penalty(w))
}

// Penalty computes it for a matrix: see [Regularizer].
func (o OrthogonalRegularizer) Penalty(w *dl.Tensor) *dl.Tensor {
	factor := penaltyFactor("nn.OrthogonalRegularizer", o.Factor)
	if factor == 0 {
		factor = 0.01
	}
	if w.Rank() != 2 {
		dl.PanicShape("nn.OrthogonalRegularizer", "its rows or columns can be orthogonal if it is a matrix, such as the weights of a Dense", w)
	}
	if o.Columns {
		w = w.T()
	}
	w = w.Mul(dl.KeepDim(w.Square().Sum, 1).Clip(1e-7, math.Inf(1)).Rsqrt())
	n := float64(w.Dim(0))
	return w.MatMul(w.T()).Tril(-1).Abs().Sum().MulScalar(factor / max(n*(n-1)/2, 1)) // each pair once
}

// Regularized is a layer with regularisers of its weights (parameters whose names end in "weight", Keras's kernels), its
// biases and its outputs:
//
//	nn.Regularized{Layer: nn.Dense{Units: 64}, Weight: nn.L2(1e-4)}
//
// A Trainer without a Step adds them to the loss; elsewhere add [Penalty]. A file can hold those of this package.
type Regularized struct {
	Layer    Layer
	Weight   Regularizer
	Bias     Regularizer
	Activity Regularizer // of the outputs, divided by the number of samples, as in Keras

	wrapped
	training bool
	activity *dl.Tensor // of the last batch while training
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r Regularized) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	out, err := r.wrap(r.Layer, in, b)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range parametersOf(r.body) {
		switch {
		case strings.HasSuffix(p.own, "weight") && r.Weight != nil:
			p.Regularizer = r.Weight
		case strings.HasSuffix(p.own, "bias") && r.Bias != nil:
			p.Regularizer = r.Bias
		}
	}
	return &r, out, nil
}

// Forward computes the outputs for a batch.
func (r *Regularized) Forward(x *dl.Tensor) *dl.Tensor {
	y, _ := r.masked(x, nil, false)
	return y
}

func (r *Regularized) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	y, after = r.through("nn.Regularized", x, mask, headless)
	if r.Activity != nil && r.training {
		outputs := y
		if headless {
			outputs = r.Head().Apply(y)
		}
		r.activity = r.Activity.Penalty(outputs).MulScalar(1 / float64(max(1, y.Dim(0))))
	}
	return y, after
}

// Logits computes the outputs without the layer's activation: see [Headed]. The regulariser is one of those with it.
func (r *Regularized) Logits(x *dl.Tensor) *dl.Tensor {
	y, _ := r.masked(x, nil, true)
	return y
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (r *Regularized) SetTraining(on bool) {
	r.training, r.activity = on, nil
	switchTraining(r.body, on)
}

func (r *Regularized) inUse() (Module, bool) {
	body, ok := inUse(r.body)
	if !ok {
		return nil, false
	}
	return &Regularized{Layer: r.Layer, wrapped: r.with(body)}, true
}

func (r *Regularized) penalty() *dl.Tensor {
	p := r.activity
	r.activity = nil // it belongs to one batch
	return p
}

// Penalty is the sum of what the regularisers of a module's parameters and layers give, nil when there are none. Those
// of outputs are of the last batch while training.
func Penalty(m Module) *dl.Tensor {
	mustGive("nn.Penalty", m)
	var sum *dl.Tensor
	add := func(p *dl.Tensor) {
		switch {
		case p == nil:
		case sum == nil:
			sum = p
		default:
			sum = sum.Add(p)
		}
	}
	for _, p := range parametersOf(m) {
		if p.Regularizer != nil && p.trained() {
			add(p.Regularizer.Penalty(p.Value))
		}
	}
	eachOf(m, func(m Module) {
		if r, ok := m.(*Regularized); ok {
			add(r.penalty())
		}
	})
	return sum
}

// Penalised says whether a module has regularisers.
func Penalised(m Module) (found bool) {
	mustGive("nn.Penalised", m)
	for _, p := range parametersOf(m) {
		found = found || p.Regularizer != nil
	}
	eachOf(m, func(m Module) {
		r, ok := m.(*Regularized)
		found = found || ok && r.Activity != nil
	})
	return found
}

// eachOf calls f for a module and for those that it holds.
func eachOf(m Module, f func(Module)) {
	switches(m, "", func(x any) bool {
		if m, ok := x.(Module); ok {
			f(m)
		}
		return false
	})
}

// ruleEntry is a regulariser or a constraint in a file.
type ruleEntry struct {
	Type   string          `json:"type"`
	Config json.RawMessage `json:"config"`
}

// rules are the regularisers and constraints that a file may name.
var rules = map[string]func(config json.RawMessage) (any, error){
	"L1": ruleOf[L1], "L2": ruleOf[L2], "L1L2": ruleOf[L1L2], "OrthogonalRegularizer": ruleOf[OrthogonalRegularizer],
	"MaxNorm": ruleOf[MaxNorm], "NonNeg": ruleOf[NonNeg], "UnitNorm": ruleOf[UnitNorm], "MinMaxNorm": ruleOf[MinMaxNorm],
}

func ruleOf[R any](config json.RawMessage) (any, error) {
	var r R
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	return r, err
}

// ruleEntryOf describes a rule, nil where there is none.
func ruleEntryOf(rule any) (*ruleEntry, error) {
	if rule == nil {
		return nil, nil
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", rule), "nn.")
	if rules[name] == nil {
		return nil, fmt.Errorf("has a %T, which no file can hold", rule)
	}
	config, err := json.Marshal(rule)
	return &ruleEntry{name, config}, err
}

// readRule reads a rule of a type.
func readRule[R any](e *ruleEntry) (r R, err error) {
	if e == nil {
		return r, nil
	}
	decode := rules[e.Type]
	if decode == nil {
		return r, fmt.Errorf("there is no regulariser or constraint %.40q", e.Type)
	}
	rule, err := decode(e.Config)
	if err != nil {
		return r, err
	}
	r, ok := rule.(R)
	if !ok {
		return r, fmt.Errorf("a %s cannot stand here", e.Type)
	}
	return r, nil
}

type ruledEntry struct {
	Layer    layerEntry `json:"layer"`
	Weight   *ruleEntry `json:"weight,omitempty"`
	Bias     *ruleEntry `json:"bias,omitempty"`
	Activity *ruleEntry `json:"activity,omitempty"`
}

// ruledJSON describes a layer with rules.
func (w *wrapped) ruledJSON(layer Layer, weight, bias, activity any) ([]byte, error) {
	var e ruledEntry
	var err error
	if e.Layer, err = entryOf(w.body, layer); err != nil {
		return nil, err
	}
	for to, rule := range map[**ruleEntry]any{&e.Weight: weight, &e.Bias: bias, &e.Activity: activity} {
		if *to, err = ruleEntryOf(rule); err != nil {
			return nil, err
		}
	}
	return json.Marshal(e)
}

// MarshalJSON describes the layer and its regularisers.
func (r *Regularized) MarshalJSON() ([]byte, error) {
	return r.ruledJSON(r.Layer, r.Weight, r.Bias, r.Activity)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Regularized) UnmarshalJSON(text []byte) error {
	var e ruledEntry
	if err := strictly(text, &e); err != nil {
		return err
	}
	var err error
	if r.Layer, err = layerOf(e.Layer); err != nil {
		return err
	}
	if r.Weight, err = readRule[Regularizer](e.Weight); err != nil {
		return err
	}
	if r.Bias, err = readRule[Regularizer](e.Bias); err != nil {
		return err
	}
	r.Activity, err = readRule[Regularizer](e.Activity)
	return err
}
