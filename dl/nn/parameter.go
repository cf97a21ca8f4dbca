package nn

import (
	"fmt"

	"modelbook/dl"
)

// Parameter is a tensor that belongs to a module and is saved with it. Frozen ones are left alone by training, which
// computes no gradients for them: layers that a user wants to keep as they are. The running statistics of BatchNorm,
// which the layer itself changes, are never trained, frozen or not.
//
// Two parameters with the same Value are one parameter: it is trained once and saved once, under its first name.
type Parameter struct {
	Name   string // that its maker gave it, such as "conv2d.weight"; a file has the paths of NamedParameters
	Value  *dl.Tensor
	Frozen bool

	Regularizer Regularizer // added to the loss by a Trainer: see [Penalty]; nil: none
	Constraint  Constraint  // to which a Trainer brings the value after each step: see [Constrain]; nil: none

	own       string // in its layer, such as "weight"; "" when no Builder made it
	statistic bool
}

// NewParameter returns a parameter that training changes.
func NewParameter(name string, value *dl.Tensor) *Parameter {
	return &Parameter{Name: name, Value: value.RequireGrad().SetName(name)}
}

// String is for messages and tables.
func (p *Parameter) String() string {
	if p == nil {
		return "no parameter"
	}
	frozen := ""
	if p.Frozen {
		frozen = ", frozen"
	}
	if p.Value == nil {
		return p.Name + " without a value" + frozen
	}
	return fmt.Sprintf("%s %v%s", p.Name, p.Value.Shape(), frozen)
}

// trained says whether training changes the parameter.
func (p *Parameter) trained() bool { return !p.Frozen && !p.statistic }

// follow makes Backward compute the gradient of a parameter that training changes, and of no other.
func (p *Parameter) follow() {
	if on := p.trained(); p.Value.RequiresGrad() != on && p.Value.DType().IsFloat() {
		p.Value.SetRequiresGrad(on)
	}
}

// tensor is the value of a layer's parameter, for the layer to compute with.
func (p *Parameter) tensor(layer string) *dl.Tensor {
	if p == nil || p.Value == nil {
		dl.PanicValue(layer+".Forward", "the layer has no parameters yet: make it with nn.Sequential or nn.Build")
	}
	p.follow()
	return p.Value
}

// optional is the value of a parameter that a layer may be without.
func (p *Parameter) optional() *dl.Tensor {
	if p == nil {
		return nil
	}
	p.follow()
	return p.Value
}

// Trainable returns the values of a module's parameters that training changes, and makes Backward compute the
// gradients of these only. Call it again when parameters were frozen or freed.
func Trainable(m Module) []*dl.Tensor {
	mustGive("nn.Trainable", m)
	var values []*dl.Tensor
	seen := map[*dl.Tensor]bool{}
	all := parametersOf(m)
	for _, p := range all { // a tensor of two parameters is frozen when one of them is
		if !p.trained() {
			p.follow()
			seen[p.Value] = true
		}
	}
	for _, p := range all {
		if !seen[p.Value] {
			seen[p.Value] = true
			p.follow()
			values = append(values, p.Value)
		}
	}
	return values
}

// Freeze keeps training from changing the parameters of a module, Unfreeze lets it.
func Freeze(m Module) { freeze("nn.Freeze", m, true) }

// Unfreeze lets training change the parameters of a module again.
func Unfreeze(m Module) { freeze("nn.Unfreeze", m, false) }

func freeze(op string, m Module, on bool) {
	mustGive(op, m)
	for _, p := range parametersOf(m) {
		if !p.statistic {
			p.Frozen = on
			p.follow()
		}
	}
}
