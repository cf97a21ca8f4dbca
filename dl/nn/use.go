package nn

import (
	"context"

	"modelbook/dl/internal/guard"
)

// InUse returns a module that computes what m computes in use, whether m is training or not, and the function for the
// same goroutine to call when it is no longer needed. Until then no Trainer changes m's parameters: it waits with its
// next step, so that all that is computed is from the weights of one moment. Models of this package's layers are not
// touched, and many goroutines may use them at once; a module with a SetTraining of its own is used by one at a time, is
// switched to use, and back by done if it was training.
func InUse(m Module) (use Module, done func()) {
	mustGive("nn.InUse", m)
	weights := weightsOf(m)
	if u, ok := inUse(m); ok {
		weights.RLock()
		return u, weights.RUnlock
	}
	weights.Lock(context.Background())
	training := weights.Training()
	switchTraining(m, false)
	return m, func() {
		if training {
			switchTraining(m, true)
		}
		weights.Unlock()
	}
}

// weightsOf are the locks of a module's parameters.
func weightsOf(m Module) (s guard.Set) {
	for _, p := range parametersOf(m) {
		s = append(s, guard.Of(p.Value))
	}
	return s
}

// usable is a layer that can be had as it is in use without being changed.
type usable interface{ inUse() (Module, bool) }

// inUse returns a module as it is in use; it is m itself where that makes no difference.
func inUse(m Module) (Module, bool) {
	if isNil(m) {
		return m, true
	}
	if u, ok := m.(usable); ok {
		return u.inUse()
	}
	return m, ofThisPackage(m) || !switchable(m)
}

// switchable says whether a module holds something that differs between training and use.
func switchable(m Module) (found bool) {
	switches(m, "SetTraining", func(x any) bool {
		if _, ok := x.(trainable); ok {
			found = true
		}
		return found
	})
	return found
}

func (m *Model) inUse() (Module, bool) {
	// What says whether the model is training is not read: another goroutine may be writing it.
	c := Model{Input: m.Input, Layers: make([]Forwarder, len(m.Layers)), made: m.made, names: m.names, outputs: m.outputs}
	for i, layer := range m.Layers {
		u, ok := inUse(layer)
		if !ok {
			return nil, false
		}
		c.Layers[i], _ = u.(Forwarder)
	}
	return &c, true
}

// use is the model as it is in use, for the layer whose body it is; nil before that layer is built.
func (m *Model) use() (*Model, bool) {
	if m == nil {
		return nil, true
	}
	u, ok := m.inUse()
	if !ok {
		return nil, false
	}
	return u.(*Model), true
}

func (d *Dropout) inUse() (Module, bool) { return &Dropout{Rate: d.Rate}, true }

func (n *BatchNorm) inUse() (Module, bool) {
	return &BatchNorm{Momentum: n.Momentum, Epsilon: n.Epsilon, Gamma: n.Gamma, Beta: n.Beta, Mean: n.Mean, Variance: n.Variance}, true
}

func (r *Residual) inUse() (Module, bool) {
	c, ok, also := *r, false, false
	c.Body, ok = r.Body.use()
	c.Projection, also = r.Projection.use()
	return &c, ok && also
}

func (t *TransformerBlock) inUse() (Module, bool) {
	c, ok := *t, false
	c.Body, ok = t.Body.use()
	return &c, ok
}

// These layers depend on the size of the last axis of samples only.

// AnySize says whether samples may have other sizes: see [AnySize].
func (d *Dense) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (c *Conv2D) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (p *MaxPool2D) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (p *AvgPool2D) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (d *Dropout) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *BatchNorm) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *LayerNorm) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (l *ActivationLayer) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (e *Embedding) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (e *PositionalEmbedding) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (a *MultiHeadAttention) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (r *Residual) AnySize() bool {
	return r.Body.anySize() && (r.Projection == nil || r.Projection.anySize())
}

// AnySize says whether samples may have other sizes: see [AnySize].
func (t *TransformerBlock) AnySize() bool { return true }

// AnySize says whether samples may have other sizes: see [AnySize].
func (m *Model) AnySize() bool { return m.anySize() }

var _ Layer = (*Model)(nil)
