package onnx

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// oldest and newest are the versions of operators that can be read.
const (
	oldest = 13
	newest = 22
)

// A Model is what an ONNX file computes. Its tensors are in the order of the file, images with channels first, [N, C, H,
// W]. It is a module: its weights can be trained, saved and loaded like those of others. Normalisations use the
// statistics in the file, in training, too, and dropout is left out.
type Model struct {
	Inputs  []Value // in the order in which Call takes them
	Outputs []Value

	nodes      []node
	slots      int
	constants  []constant
	parameters []*nn.Parameter
	inputs     []int // slots
	outputs    []int
}

// Value describes an input or output.
type Value struct {
	Name  string
	DType dl.DType
	Shape []int // -1 for sizes that vary; nil where the file does not say
}

// String is for messages: "input float32 [-1 3 32 32]".
func (v Value) String() string { return fmt.Sprintf("%s %v %v", v.Name, v.DType, v.Shape) }

// node is one that is ready to run.
type node struct {
	*nodeProto
	run     operator
	in, out []int // slots; -1: left out
	// What was done with the file's weights when the model was loaded: see prepare.
	turned bool
}

// constant is a tensor that a slot has from the beginning.
type constant struct {
	slot      int
	tensor    *dl.Tensor
	parameter *nn.Parameter // or this one's
}

// Load reads an ONNX file. Operators that are not known are an error that names them; so is a file of operators older
// than version 13, with elements in other files, or with functions of its own. What the file claims is checked
// before memory is taken.
func Load(path string) (*Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Parse reads a model from the bytes of an ONNX file: see [Load].
func Parse(b []byte) (*Model, error) {
	var p modelProto
	if err := p.decode(b); err != nil {
		return nil, fmt.Errorf("onnx: this is no ONNX file, or a damaged one: %w", err)
	}
	m, err := p.model()
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

// model makes the model of a file.
func (p *modelProto) model() (*Model, error) {
	version := int64(0)
	for _, o := range p.opsets {
		if o.domain == "" || o.domain == "ai.onnx" {
			version = o.version
		}
	}
	switch {
	case len(p.graph.nodes) == 0 && len(p.graph.outputs) == 0:
		return nil, errors.New("the file has no graph")
	case version < oldest || version > newest:
		return nil, fmt.Errorf("its operators are of version %d; those of %d to %d can be read", version, oldest, newest)
	case p.functions || p.graph.sparse:
		return nil, errors.New("functions of a model's own, and sparse tensors, are not supported")
	}
	if err := p.graph.known(); err != nil {
		return nil, err
	}
	m := &Model{}
	slots := map[string]int{}
	define := func(name string) (int, error) {
		if _, twice := slots[name]; twice || name == "" {
			return 0, fmt.Errorf("two values are called %q", name)
		}
		slots[name] = m.slots
		m.slots++
		return m.slots - 1, nil
	}
	initial := map[string]*dl.Tensor{}
	for i := range p.graph.initializers {
		t := &p.graph.initializers[i]
		value, err := t.tensor()
		if err != nil {
			return nil, fmt.Errorf("the tensor %q: %w", t.name, err)
		}
		if initial[t.name] != nil {
			return nil, fmt.Errorf("two values are called %q", t.name)
		}
		initial[t.name] = value
	}
	for _, in := range p.graph.inputs {
		if initial[in.name] != nil { // a default that no caller changes
			continue
		}
		v, err := in.value()
		if err != nil {
			return nil, err
		}
		slot, err := define(in.name)
		if err != nil {
			return nil, err
		}
		m.Inputs, m.inputs = append(m.Inputs, v), append(m.inputs, slot)
	}
	for i := range p.graph.initializers {
		if _, err := define(p.graph.initializers[i].name); err != nil {
			return nil, err
		}
	}
	for i := range p.graph.nodes {
		proto := &p.graph.nodes[i]
		n := node{nodeProto: proto, run: operators[proto.op].run}
		for _, name := range proto.in {
			slot, ok := slots[name]
			switch {
			case name == "":
				slot = -1
			case !ok:
				return nil, fmt.Errorf("node %d (%s) takes %q, which nothing before it makes", i+1, proto.op, name)
			}
			n.in = append(n.in, slot)
		}
		for most := operators[proto.op].most; most != variadic && len(n.in) < most; { // those left out at the end
			n.in = append(n.in, -1)
		}
		for _, name := range proto.out {
			if name == "" {
				n.out = append(n.out, -1)
				continue
			}
			slot, err := define(name)
			if err != nil {
				return nil, err
			}
			n.out = append(n.out, slot)
		}
		m.nodes = append(m.nodes, n)
	}
	for _, out := range p.graph.outputs {
		slot, ok := slots[out.name]
		if !ok {
			return nil, fmt.Errorf("nothing makes the output %q", out.name)
		}
		v, err := out.value()
		if err != nil {
			return nil, err
		}
		m.Outputs, m.outputs = append(m.Outputs, v), append(m.outputs, slot)
	}
	m.prepare(p, slots, initial)
	return m, nil
}

// known says which operators of a graph are not.
func (g *graphProto) known() error {
	var missing []string
	for i := range g.nodes {
		n := &g.nodes[i]
		o, ok := operators[n.op]
		if name := strings.TrimPrefix(n.domain+"."+n.op, "."); !ok || n.domain != "" && n.domain != "ai.onnx" {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			continue
		}
		if len(n.in) < o.least || len(n.in) > o.most && o.most != variadic {
			return fmt.Errorf("node %d (%s) has %d inputs", i+1, n.op, len(n.in))
		}
		if slices.Contains(n.in[:o.least], "") {
			return fmt.Errorf("node %d (%s) lacks an input", i+1, n.op)
		}
		for _, a := range n.attrs {
			if a.ref {
				return fmt.Errorf("node %d (%s) has an attribute of a function", i+1, n.op)
			}
		}
		if o.check != nil {
			if err := o.check(n); err != nil {
				return fmt.Errorf("node %d (%s): %w", i+1, n.op, err)
			}
		}
	}
	if missing != nil {
		slices.Sort(missing)
		return fmt.Errorf("the operators %s are not supported", strings.Join(missing, ", "))
	}
	return nil
}

// value describes an input or output of the graph.
func (i *valueInfo) value() (Value, error) {
	v := Value{Name: i.name}
	d, ok := types[i.dtype]
	if !ok {
		return v, fmt.Errorf("%q has elements of the type %d, which is not supported", i.name, i.dtype)
	}
	v.DType = d
	if i.known {
		v.Shape = []int{}
	}
	for _, d := range i.shape {
		size := -1
		if d.param == "" && d.value > 0 && d.value <= maxElements {
			size = int(d.value)
		}
		v.Shape = append(v.Shape, size)
	}
	return v, nil
}

// types are dl's for those of files.
var types = map[int64]dl.DType{0: dl.Float32, typeFloat: dl.Float32, typeUint8: dl.Uint8, typeInt8: dl.Int8, typeUint16: dl.Uint16,
	typeInt16: dl.Int16, typeInt32: dl.Int32, typeInt64: dl.Int64, typeBool: dl.Bool, typeFloat16: dl.Float32, typeDouble: dl.Float64,
	typeUint32: dl.Int64, typeUint64: dl.Int64, typeBFloat16: dl.Float32}

// weighted are the operators whose float tensors are weights to learn, and the places of these among the inputs.
var weighted = map[string][]int{"Conv": {1, 2}, "ConvTranspose": {1, 2}, "Gemm": {1, 2}, "MatMul": {0, 1}, "Einsum": {0, 1}, "Gather": {0}, "BatchNormalization": {1, 2, 3, 4},
	"LayerNormalization": {1, 2}, "InstanceNormalization": {1, 2}, "GroupNormalization": {1, 2}, "PRelu": {1}, "Add": {0, 1}, "Mul": {0, 1}, "LSTM": {1, 2, 3}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3}}

// prepare makes the file's tensors parameters or constants. The weights of a convolution and of a Gemm that transposes
// them are turned once, into the form in which dl takes them, where nothing else uses them.
func (m *Model) prepare(p *modelProto, slots map[string]int, initial map[string]*dl.Tensor) {
	uses, learned, fixed := map[int]int{}, map[int]bool{}, map[int]bool{}
	for _, slot := range m.outputs {
		uses[slot]++
	}
	for i := range m.nodes {
		n := &m.nodes[i]
		for _, slot := range n.in {
			uses[slot]++
		}
		for _, k := range weighted[n.op] {
			if k < len(n.in) && n.in[k] >= 0 {
				learned[n.in[k]] = true
				fixed[n.in[k]] = fixed[n.in[k]] || n.op == "BatchNormalization" && k >= 3
			}
		}
	}
	turn := map[int][]int{} // axes
	for i := range m.nodes {
		n := &m.nodes[i]
		if len(n.in) < 2 || uses[n.in[1]] != 1 {
			continue
		}
		slot := n.in[1]
		j := slices.IndexFunc(p.graph.initializers, func(t tensorProto) bool { return slots[t.name] == slot })
		if j < 0 {
			continue
		}
		rank := initial[p.graph.initializers[j].name].Rank()
		switch {
		case (n.op == "Conv" || n.op == "ConvTranspose") && rank >= 3 && rank <= 5:
			turn[slot], n.turned = inLast(rank), true
		case n.op == "Gemm" && n.int("transB", 0) != 0 && rank == 2:
			turn[slot], n.turned = []int{1, 0}, true
		}
	}
	for i := range p.graph.initializers {
		name := p.graph.initializers[i].name
		slot, t := slots[name], initial[name]
		if axes := turn[slot]; axes != nil {
			t = t.Permute(axes...).Contiguous()
		}
		c := constant{slot: slot, tensor: t}
		if learned[slot] && t.DType() == dl.Float32 && t.Rank() > 0 {
			c.parameter = nn.NewParameter(name, t)
			c.parameter.Frozen = fixed[slot]
			if c.parameter.Frozen {
				t.SetRequiresGrad(false)
			}
			m.parameters = append(m.parameters, c.parameter)
		}
		m.constants = append(m.constants, c)
	}
}

// inLast are the axes that make weights [out, in, K...] into [K..., in, out].
func inLast(rank int) []int {
	var axes []int
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	return append(axes, 1, 0)
}

// Parameters returns the weights, called as in the file. The running statistics of normalisations are frozen.
func (m *Model) Parameters() []*nn.Parameter { return m.parameters }

// Run computes the outputs for inputs in the order of Inputs. An error says which node cannot compute.
func (m *Model) Run(inputs ...*dl.Tensor) (outputs []*dl.Tensor, err error) {
	if len(m.Inputs) != len(m.inputs) || len(m.outputs) == 0 {
		return nil, errors.New("onnx: the model is none that was read: use Load or Parse, and leave its Inputs as they are")
	}
	if len(inputs) != len(m.inputs) {
		return nil, fmt.Errorf("onnx: %d inputs, the model takes %d: %v", len(inputs), len(m.inputs), m.Inputs)
	}
	values := make([]*dl.Tensor, m.slots)
	for i, slot := range m.inputs {
		x := inputs[i]
		if x == nil || !m.Inputs[i].takes(x.Shape()) {
			return nil, fmt.Errorf("onnx: input %d is %v; the model takes %v", i+1, shapeOf(x), m.Inputs[i])
		}
		values[slot] = x.To(m.Inputs[i].DType)
	}
	for _, c := range m.constants {
		if values[c.slot] = c.tensor; c.parameter != nil {
			values[c.slot] = c.parameter.Value
		}
	}
	var in []*dl.Tensor
	for i := range m.nodes {
		n := &m.nodes[i]
		in = in[:0]
		for _, slot := range n.in {
			if slot < 0 {
				in = append(in, nil)
			} else {
				in = append(in, values[slot])
			}
		}
		var out []*dl.Tensor
		if err := dl.Try(func() { out = n.run(&call{node: n, in: in}) }); err != nil {
			return nil, fmt.Errorf("onnx: node %d (%s %s): %w", i+1, n.op, n.name, err)
		}
		if len(out) < len(n.out) {
			return nil, fmt.Errorf("onnx: node %d (%s %s) makes %d values, %d are asked for", i+1, n.op, n.name, len(out), len(n.out))
		}
		for k, slot := range n.out {
			if slot >= 0 {
				values[slot] = out[k]
			}
		}
	}
	for _, slot := range m.outputs {
		outputs = append(outputs, values[slot])
	}
	return outputs, nil
}

func shapeOf(x *dl.Tensor) string {
	if x == nil {
		return "nil"
	}
	return x.Shape().String()
}

// takes says whether a tensor of the shape fits.
func (v *Value) takes(shape dl.Shape) bool {
	if v.Shape == nil {
		return true
	}
	if len(shape) != len(v.Shape) {
		return false
	}
	for i, d := range v.Shape {
		if d >= 0 && d != shape[i] {
			return false
		}
	}
	return true
}

// Forward computes the one output of the one input. It panics where Run returns an error.
func (m *Model) Forward(x *dl.Tensor) *dl.Tensor {
	if len(m.inputs) != 1 || len(m.outputs) != 1 {
		dl.PanicValue("onnx.Model.Forward", "the model has %d inputs and %d outputs: use Run", len(m.inputs), len(m.outputs))
	}
	outputs, err := m.Run(x)
	if err != nil {
		dl.PanicValue("onnx.Model.Forward", "%v", err)
	}
	return outputs[0]
}
