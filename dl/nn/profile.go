package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Counts are the numbers of a module's parameters.
type Counts struct {
	Total, Trainable, Frozen int // values; Total is the sum of the others
	Tensors                  int
}

// Count counts the parameters of a module, those in two places once: PyTorch's sum(p.numel() for p in m.parameters()),
// Keras's count_params.
func Count(m Module) (c Counts) {
	mustGive("nn.Count", m)
	for _, p := range collect(m).found {
		n := p.Value.Size()
		c.Tensors++
		c.Total += n
		if p.trained() {
			c.Trainable += n
		} else {
			c.Frozen += n
		}
	}
	return c
}

// String shows the numbers.
func (c Counts) String() string {
	text := fmt.Sprintf("%s in %s", number.Plural(c.Total, "parameter", "parameters"), number.Plural(c.Tensors, "tensor", "tensors"))
	if c.Frozen > 0 {
		text += fmt.Sprintf(", %s of them frozen", number.Count(c.Frozen))
	}
	return text
}

// Profile is what a module costs to use for one batch: the multiply-adds (MACs) of its matrix products, convolutions,
// attention and recurrent cells, as torchinfo and fvcore count them, and the memory of its results. Additions,
// activations, pooling and normalization count as no multiply-adds; they take a small part of the time. A dl.Function
// that has a method MACs() int64 counts as that says.
type Profile struct {
	Input   []dl.Shape // of the batch
	Layers  []Cost     // of the modules with parameters; operations without belong to the one before them
	Total   Cost
	Samples int // in the batch
}

// Cost is a line of a profile.
type Cost struct {
	Name        string   // the path of the module, "" for what comes before any
	Output      dl.Shape // of the last operation that uses its parameters
	Parameters  int
	Trainable   int
	MACs        int64
	Activations int64 // bytes of all results, views left out: what training keeps
}

// FLOPs are the floating-point operations: two for each multiply-add.
func (c Cost) FLOPs() int64 { return 2 * c.MACs }

// Profile is that of one sample of zeros, of the shape that the model was made for.
func (m *Model) Profile() (*Profile, error) { return profileOfZeros(m) }

// Profile is that of one sample of zeros for each input.
func (g *Graph) Profile() (*Profile, error) { return profileOfZeros(g) }

func profileOfZeros(m Module) (*Profile, error) {
	inputs, err := ZeroInputs(m)
	if err != nil {
		return nil, err
	}
	return ProfileOf(m, inputs...)
}

// ProfileOf computes a module's outputs for inputs, as it is in use, and returns what that costs. It works by the
// operations that are recorded, so it is about all kinds of modules with a method Forward(x *dl.Tensor) *dl.Tensor, and
// graphs with several inputs; what a dl.Checkpoint computes is not seen. What the module panics with is an error.
func ProfileOf(m Module, inputs ...*dl.Tensor) (p *Profile, err error) {
	if err := given("nn.ProfileOf", m); err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, errors.New("nn: a profile needs an input, such as a batch of one sample")
	}
	// Operations are recorded where gradients flow.
	xs := slices.Clone(inputs)
	for i, x := range xs {
		if x == nil {
			return nil, fmt.Errorf("nn: a profile: the input %d is nil", i+1)
		}
		if x.DType().IsFloat() {
			xs[i] = x.Clone().RequireGrad()
		}
	}
	use, done := InUse(m)
	defer done()
	var outputs []*dl.Tensor
	fault := dl.Try(func() {
		switch f := use.(type) {
		case *Graph:
			outputs = f.Call(xs...)
		case Forwarder:
			if len(xs) > 1 {
				err = fmt.Errorf("nn: %T takes one input, not %d", m, len(xs))
				return
			}
			outputs = []*dl.Tensor{f.Forward(xs[0])}
		default:
			err = fmt.Errorf("nn: %T has no method Forward(x *dl.Tensor) *dl.Tensor", m)
		}
	})
	if fault != nil {
		err = fmt.Errorf("nn: profile: %w", fault)
	}
	if err != nil {
		return nil, err
	}
	p = &Profile{Samples: 1}
	for _, x := range inputs {
		p.Input = append(p.Input, x.Shape().Clone())
	}
	if inputs[0].Rank() > 0 {
		p.Samples = inputs[0].Dim(0)
	}
	t := tracer{profile: p, row: map[string]int{}, seen: map[any]bool{}}
	t.parameters(use)
	for _, y := range outputs {
		t.follow(y)
	}
	t.sum()
	return p, nil
}

// tracer finds out which module an operation belongs to.
type tracer struct {
	profile *Profile
	owners  gradient.Owners
	row     map[string]int
	seen    map[any]bool // results
}

func (t *tracer) parameters(m Module) {
	for _, n := range collect(m).found {
		owner := ""
		if dot := strings.LastIndexByte(n.Name, '.'); dot >= 0 {
			owner = n.Name[:dot]
		}
		t.owners.Add(gradient.Key(n.Value), owner)
		c := t.cost(owner)
		c.Parameters += n.Value.Size()
		if n.trained() {
			c.Trainable += n.Value.Size()
		}
	}
}

func (t *tracer) cost(owner string) *Cost {
	i, ok := t.row[owner]
	if !ok {
		i = len(t.profile.Layers)
		t.row[owner] = i
		t.profile.Layers = append(t.profile.Layers, Cost{Name: owner})
	}
	return &t.profile.Layers[i]
}

// follow takes the operations behind a result into account.
func (t *tracer) follow(y *dl.Tensor) {
	for _, o := range gradient.Walk(y) {
		if t.seen[o.Result] {
			continue
		}
		t.seen[o.Result] = true
		owner, uses := t.owners.Of(o)
		c, out := t.cost(owner), o.Output.(*dl.Tensor)
		c.MACs += o.MACs
		if !o.View {
			c.Activations += int64(out.Size()) * int64(out.DType().Bytes())
		}
		if uses {
			c.Output = out.Shape().Clone()
		}
	}
}

func (t *tracer) sum() {
	total := &t.profile.Total
	total.Name = "total"
	for _, c := range t.profile.Layers {
		total.Parameters += c.Parameters
		total.Trainable += c.Trainable
		total.MACs += c.MACs
		total.Activations += c.Activations
	}
}

// Memory is what a training keeps, in bytes.
type Memory struct{ Parameters, Gradients, Optimizer, Activations int64 }

// Total is the sum.
func (m Memory) Total() int64 { return m.Parameters + m.Gradients + m.Optimizer + m.Activations }

// String shows the parts and their sum.
func (m Memory) String() string {
	return fmt.Sprintf("%s: parameters %s, gradients %s, optimizer %s, activations %s", number.Bytes(m.Total()), number.Bytes(m.Parameters),
		number.Bytes(m.Gradients), number.Bytes(m.Optimizer), number.Bytes(m.Activations))
}

// Memory estimates what a training with batches of a size keeps. slots is how many values the optimizer remembers for
// each parameter: 2 for Adam, 1 for SGD with momentum and RMSprop, 0 for SGD without. Scratch memory of kernels is not
// counted, and neither is what is saved where gradients of large weights are used without being written.
func (p *Profile) Memory(batch, slots int) Memory {
	if batch < 0 || slots < 0 {
		dl.PanicValue("nn.Profile.Memory", "batches of %d samples and %d values for each parameter: both are numbers from 0 on", batch, slots)
	}
	if p.Total.Activations > 0 && int64(batch) > math.MaxInt64/p.Total.Activations || int64(slots) > math.MaxInt64/max(1, 4*int64(p.Total.Trainable)) {
		dl.PanicValue("nn.Profile.Memory", "batches of %d samples and %d values for each parameter are more bytes than can be counted", batch, slots)
	}
	const size = 4 // of float32
	trainable := size * int64(p.Total.Trainable)
	return Memory{Parameters: size * int64(p.Total.Parameters), Gradients: trainable, Optimizer: int64(slots) * trainable,
		Activations: p.Total.Activations * int64(batch) / int64(max(p.Samples, 1))}
}

func (p *Profile) rows() [][]string {
	rows := [][]string{{"layer", "output", "parameters", "MACs", "activations"}}
	for _, c := range append(slices.Clone(p.Layers), p.Total) {
		name, output := c.Name, c.Output.String()
		if name == "" {
			name = "(no parameters)"
		}
		if c.Output == nil {
			output = ""
		}
		rows = append(rows, []string{name, output, number.Commas(c.Parameters), number.Commas(int(c.MACs)), number.Bytes(c.Activations)})
	}
	return rows
}

// String shows the profile as a table.
func (p *Profile) String() string {
	return strings.Join(columns.Lines(p.rows(), func(column int) bool { return column > 1 }), "\n")
}

// HTML shows the profile as a table.
func (p *Profile) HTML() string {
	return columns.HTML(p.rows(), func(column int) bool { return column > 1 })
}

// MimeBundle gives a notebook the table as HTML and as text.
func (p *Profile) MimeBundle() map[string]any {
	return map[string]any{"text/html": p.HTML(), "text/plain": p.String()}
}
