package onnx

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"

	"github.com/google/renameio/v2"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Opset is the version of ONNX's operators that files are written with. Reading knows those from 13 on.
const Opset = 17

// ir is the version of the format that came with the opset.
const ir = 8

// Options say how a model is written. The zero value changes nothing.
type Options struct {
	// ChannelsFirst makes images, inputs and outputs of samples [height, width, channels], into [channels, height,
	// width] in the file, as those who know PyTorch expect it, and sequences of them likewise: all samples of three
	// and four axes. Otherwise they are as they are here.
	ChannelsFirst bool

	// Input is the shape of a sample, for a module that is neither an nn.Model nor an nn.Graph.
	Input dl.Shape
}

// Save writes a model to an ONNX file, as [Export] does. The file is replaced in one step.
func Save(path string, m nn.Module, o Options) error {
	b, err := encode(m, o)
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, b, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}

// Export writes a model as it computes in use: without dropout, normalisations with their running statistics. m is an
// nn.Model, an nn.Graph or a layer. A layer that has no form in ONNX is an error that names it.
//
// The first axis of inputs and outputs is that of the batch, N, of any size; the other sizes are those that the model
// was built for. A model's input is called "input", a graph's have their names; outputs are "output", "output_1", ...
// Tokens, the input of an Embedding, are int64, everything else float32. Layers compute with channels first, as
// ONNX has them: transpositions stand where a model goes from one form to the other, and nowhere else.
func Export(w io.Writer, m nn.Module, o Options) error {
	if w == nil {
		return errors.New("onnx: the writer is nil: give a file, or use Save")
	}
	b, err := encode(m, o)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func encode(m nn.Module, o Options) ([]byte, error) {
	if v := reflect.ValueOf(m); m == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("onnx: the module is nil: give a model of nn.Sequential, a graph, or a layer of nn.Build")
	}
	use, done := nn.InUse(m)
	defer done()
	g := &graph{taken: map[string]int{}, channelsFirst: o.ChannelsFirst, parameters: map[*dl.Tensor]string{}}
	for _, n := range nn.NamedParameters(m) {
		g.parameters[n.Value] = n.Name
		if d := n.Value.DType(); d != dl.Float32 {
			return nil, fmt.Errorf("onnx: the parameter %s is %v, and files have float32: export a model with To(dl.Float32) of its parameters", n.Name, d)
		}
	}
	var err error
	// Shapes that do not fit are found by dl.
	if fault := dl.Try(func() {
		if err = compute(use, o); err == nil {
			err = g.whole(use, o)
		}
	}); fault != nil {
		err = fault
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	p := modelProto{irVersion: ir, producer: "modelbook", opsets: []opset{{"", Opset}}, graph: g.proto}
	p.graph.name = "model"
	return p.encode(), nil
}

// graph is a file's graph that is being written.
type graph struct {
	proto         graphProto
	taken         map[string]int // names, and how often they were asked for
	channelsFirst bool
	parameters    map[*dl.Tensor]string // the names of the module's parameters
}

// value is a tensor of the graph, with channels last as in dl, with channels first, or in both forms.
type value struct {
	shape       dl.Shape // of a sample, channels last
	last, first string   // the names of the forms, "" where there is none yet
	padding     *padding // nil: all steps count
}

// compute computes a sample of zeros, which says, as elsewhere, what is not built and what does not fit.
func compute(m nn.Module, o Options) error {
	zeros := func(shape dl.Shape, tokens bool) *dl.Tensor {
		d := dl.Float32
		if tokens {
			d = dl.Int32
		}
		return dl.New(d, append([]int{1}, shape...)...)
	}
	if g, ok := m.(*nn.Graph); ok {
		if g.Outputs() == nil {
			return nil // said below
		}
		var inputs []*dl.Tensor
		for _, n := range g.Inputs() {
			inputs = append(inputs, zeros(n.Shape, graphTakesTokens(g, n)))
		}
		dl.NoGrad(func() { g.Call(inputs...) })
		return nil
	}
	f, ok := m.(nn.Forwarder)
	if !ok {
		return nil // that it has no form in ONNX is said below
	}
	shape, err := inputOf(m, o)
	if err != nil {
		return err
	}
	dl.NoGrad(func() { f.Forward(zeros(shape, takesTokens(m))) })
	return nil
}

// inputOf is the shape of a sample.
func inputOf(m nn.Module, o Options) (dl.Shape, error) {
	shape := o.Input
	if m, ok := m.(*nn.Model); ok {
		shape = m.Input
	}
	if shape == nil {
		return nil, fmt.Errorf("Options.Input, the shape of a sample, is needed for a %T", m)
	}
	return shape, nil
}

// whole writes the graph of a module.
func (g *graph) whole(m nn.Module, o Options) error {
	if m, ok := m.(*nn.Graph); ok {
		return g.nodesOf(m, func(n *nn.Node) (*value, error) {
			return g.input(n.Name(), n.Shape, graphTakesTokens(m, n)), nil
		}, g.output)
	}
	shape, err := inputOf(m, o)
	if err != nil {
		return err
	}
	x := g.input("input", shape, takesTokens(m))
	y, err := g.layer(m, x)
	if err != nil {
		return err
	}
	return g.output(y)
}

// takesTokens says whether a module looks its inputs up.
func takesTokens(m nn.Module) bool {
	switch m := m.(type) {
	case *nn.Embedding:
		return true
	case *nn.Model:
		return len(m.Layers) > 0 && takesTokens(m.Layers[0])
	case *nn.GraphLayer:
		return m.Graph != nil && len(m.Graph.Inputs()) == 1 && graphTakesTokens(m.Graph, m.Graph.Inputs()[0])
	case *nn.Parallel:
		for _, body := range m.Bodies {
			if body != nil && takesTokens(body) {
				return true
			}
		}
	case wrapper:
		return takesTokens(m.Inside())
	}
	return false
}

func graphTakesTokens(g *nn.Graph, input *nn.Node) bool {
	for _, n := range g.Nodes() {
		for _, from := range n.From() {
			if from == input && n.Layer() != nil && takesTokens(n.Layer()) {
				return true
			}
		}
	}
	return false
}

// input makes an input of the graph.
func (g *graph) input(name string, shape dl.Shape, tokens bool) *value {
	x := &value{shape: shape.Clone()}
	info := valueInfo{name: g.name(name), dtype: typeFloat}
	if tokens {
		info.dtype = typeInt64
	}
	if g.channelsFirst && len(shape) >= 3 && !tokens {
		x.first = info.name
	} else {
		x.last = info.name
	}
	info.shape = g.dimensions(x, x.first != "")
	g.proto.inputs = append(g.proto.inputs, info)
	return x
}

// output makes a value an output of the graph.
func (g *graph) output(y *value) error {
	first := g.channelsFirst && len(y.shape) >= 3
	from := ""
	if first {
		from = g.first(y)
	} else {
		from = g.last(y)
	}
	info := valueInfo{name: g.name("output"), dtype: typeFloat, shape: g.dimensions(y, first)}
	g.node("Identity", []string{from}, info.name)
	g.proto.outputs = append(g.proto.outputs, info)
	return nil
}

func (g *graph) dimensions(x *value, first bool) []dimension {
	all := []dimension{{param: "N"}}
	sizes := x.shape
	if n := len(sizes); first {
		sizes = append(dl.Shape{sizes[n-1]}, sizes[:n-1]...)
	}
	for _, d := range sizes {
		all = append(all, dimension{value: int64(d)})
	}
	return all
}

// nodesOf writes the layers of a graph of dl.
func (g *graph) nodesOf(m *nn.Graph, input func(n *nn.Node) (*value, error), output func(y *value) error) error {
	if m.Outputs() == nil {
		return errors.New("the graph has no outputs: call its Build")
	}
	values := map[*nn.Node]*value{}
	for i, n := range m.Nodes() {
		var y *value
		var err error
		var from []*value
		for _, x := range n.From() {
			from = append(from, values[x])
		}
		switch {
		case n.Layer() != nil:
			if y, err = g.layer(n.Layer(), from[0]); err != nil {
				err = fmt.Errorf("%s: %w", n.Name(), err)
			} else if marks(n.Layer()) {
				y.padding.by = n.Name()
			}
		case len(from) == 0:
			y, err = input(n)
		default:
			if y, err = g.join(n, from...); err != nil {
				err = fmt.Errorf("node %d %w", i+1, err)
			}
		}
		if err != nil {
			return err
		}
		values[n] = y
	}
	for _, n := range m.Outputs() {
		if err := output(values[n]); err != nil {
			return err
		}
	}
	return nil
}

// name is a name that nothing has yet.
func (g *graph) name(wish string) string {
	for {
		n := g.taken[wish]
		g.taken[wish]++
		if n == 0 {
			return wish
		}
		if wish = fmt.Sprintf("%s_%d", wish, n); g.taken[wish] == 0 {
			g.taken[wish]++
			return wish
		}
	}
}

// node adds a node with one output of a name, or of a new one if that is "", and returns the name.
func (g *graph) node(op string, in []string, out string, attrs ...attribute) string {
	if out == "" {
		out = g.name(op)
	}
	g.proto.nodes = append(g.proto.nodes, nodeProto{op: op, name: out, in: in, out: []string{out}, attrs: attrs})
	return out
}

// parts adds a node with n outputs.
func (g *graph) parts(op string, n int, in []string, attrs ...attribute) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = g.name(op)
	}
	g.proto.nodes = append(g.proto.nodes, nodeProto{op: op, name: out[0], in: in, out: out, attrs: attrs})
	return out
}

// constant adds a tensor.
func (g *graph) constant(name string, t *dl.Tensor) string {
	name = g.name(name)
	g.proto.initializers = append(g.proto.initializers, tensorOf(name, t))
	return name
}

// weight adds a parameter as it is changed by f, under the name that it has in the module.
func (g *graph) weight(p *nn.Parameter, f func(t *dl.Tensor) *dl.Tensor) string {
	name := g.parameters[p.Value]
	if name == "" {
		name = p.Name
	}
	t := p.Value.Detach()
	if f != nil {
		t = f(t)
	}
	return g.constant(name, t)
}

func (g *graph) integers(values ...int) string {
	all := make([]int64, len(values))
	for i, v := range values {
		all[i] = int64(v)
	}
	return g.constant("constant", dl.Of(all))
}

// number is a constant without axes.
func (g *graph) number(v float64) string { return g.constant("constant", dl.Scalar(v)) }

func intAttr(name string, v int) attribute { return attribute{name: name, kind: attrInt, i: int64(v)} }

func floatAttr(name string, v float64) attribute {
	return attribute{name: name, kind: attrFloat, f: float32(v)}
}

func textAttr(name, v string) attribute { return attribute{name: name, kind: attrString, s: v} }

func intsAttr(name string, values ...int) attribute {
	a := attribute{name: name, kind: attrInts}
	for _, v := range values {
		a.ints = append(a.ints, int64(v))
	}
	return a
}

// last is the name of a value with channels last, transposed if it has to be.
func (g *graph) last(x *value) string {
	if x.last == "" {
		perm := []int{0}
		for i := range x.shape[1:] {
			perm = append(perm, i+2)
		}
		x.last = g.node("Transpose", []string{x.first}, "", intsAttr("perm", append(perm, 1)...))
	}
	return x.last
}

// first is the name of a value with channels first, transposed if it has to be.
func (g *graph) first(x *value) string {
	if len(x.shape) < 2 {
		return g.last(x)
	}
	if x.first == "" {
		perm := []int{0, len(x.shape)}
		for i := range x.shape[1:] {
			perm = append(perm, i+1)
		}
		x.first = g.node("Transpose", []string{x.last}, "", intsAttr("perm", perm...))
	}
	return x.first
}

// each is what f makes of a value element by element, in the form that is there.
func (g *graph) each(x *value, f func(name string) string) *value {
	if x.last != "" {
		return &value{shape: x.shape, last: f(x.last)}
	}
	return &value{shape: x.shape, first: f(x.first)}
}

// together are the names of values in the form that most of them have, and whether it is that with channels first.
func (g *graph) together(xs []*value) (names []string, first bool) {
	votes := 0
	for _, x := range xs {
		if x.first != "" {
			votes++
		}
		if x.last != "" {
			votes--
		}
	}
	for _, x := range xs {
		if first = votes > 0 || votes == 0 && xs[0].last == ""; first {
			names = append(names, g.first(x))
		} else {
			names = append(names, g.last(x))
		}
	}
	return names, first
}

func formed(shape dl.Shape, name string, first bool) *value {
	if first {
		return &value{shape: shape, first: name}
	}
	return &value{shape: shape, last: name}
}
