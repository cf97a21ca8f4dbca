package nn

import (
	"fmt"

	"modelbook/dl"
)

// maker builds the parts of a layer that is made of others.
type maker struct {
	b   *Builder
	in  dl.Shape // of what the parts are built for
	err error    // the first fault found
}

// make builds a part with its parameters under a name, or notes why it cannot be.
func (m *maker) make(name string, layer Layer) Module {
	if m.err != nil {
		return nil
	}
	defer m.b.below(name)()
	part, _, err := one(layer, m.in, m.b)
	if err != nil {
		m.err = fmt.Errorf("%s: %w", name, err)
		return nil
	}
	return part
}

// norm builds a normalisation.
func (m *maker) norm(name string, rms bool, epsilon float64) Forwarder {
	var layer Layer = LayerNorm{Epsilon: epsilon}
	if rms {
		layer = RMSNorm{Epsilon: epsilon}
	}
	n, _ := m.make(name, layer).(Forwarder)
	return n
}

func (m *maker) dropout(rate float64) *Dropout {
	d, _ := m.make("dropout", Dropout{Rate: rate}).(*Dropout)
	return d
}

// notBuilt panics for a layer that has no parameters.
func notBuilt(layer string) {
	dl.PanicValue(layer+".Forward", "the layer has no parameters yet: make it with nn.Sequential or nn.Build")
}

// parametersOfParts returns the parameters of parts in their order.
func parametersOfParts(parts []part) (all []*Parameter) {
	for _, p := range parts {
		all = append(all, parametersOf(p.module)...)
	}
	return all
}

// used is a layer of this package as it is in use: see [InUse].
func used[M Module](m M) M {
	if isNil(m) {
		return m
	}
	u, ok := inUse(m)
	if !ok {
		return m
	}
	return u.(M)
}
