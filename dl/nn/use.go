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
	for _, p := range m.Parameters() {
		if p != nil && p.Value != nil {
			s = append(s, guard.Of(p.Value))
		}
	}
	return s
}

// usable is a layer that can be had as it is in use without being changed.
type usable interface{ inUse() (Module, bool) }

// inUse returns a module as it is in use; it is m itself where that makes no difference.
func inUse(m Module) (Module, bool) {
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
	if m == nil {
		return m, true
	}
	// What says whether the model is training is not read: another goroutine may be writing it.
	c := Model{Input: m.Input, Layers: make([]Forwarder, len(m.Layers)), made: m.made, names: m.names, outputs: m.outputs}
	for i, layer := range m.Layers {
		u, ok := inUse(layer)
		if !ok {
			return nil, false
		}
		c.Layers[i] = u.(Forwarder)
	}
	return &c, true
}

func (d *Dropout) inUse() (Module, bool) { return &Dropout{Rate: d.Rate}, true }

func (n *BatchNorm) inUse() (Module, bool) {
	return &BatchNorm{Momentum: n.Momentum, Epsilon: n.Epsilon, Gamma: n.Gamma, Beta: n.Beta, Mean: n.Mean, Variance: n.Variance}, true
}

func (r *Residual) inUse() (Module, bool) {
	body, ok := r.Body.inUse()
	if !ok {
		return nil, false
	}
	c := *r
	c.Body = body.(*Model)
	if r.Projection != nil {
		if body, ok = r.Projection.inUse(); !ok {
			return nil, false
		}
		c.Projection = body.(*Model)
	}
	return &c, true
}

func (t *TransformerBlock) inUse() (Module, bool) {
	body, ok := t.Body.inUse()
	if !ok {
		return nil, false
	}
	c := *t
	c.Body = body.(*Model)
	return &c, true
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
