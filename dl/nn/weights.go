package nn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
)

// WeightOptions say how the tensors of a file become the parameters of a module: see [LoadWeights].
type WeightOptions struct {
	// PyTorch takes tensors as torch.nn's layers have them: the weight of a Linear [out, in] becomes that of a Dense
	// [in, out], that of a convolution [out, in, rows, columns] becomes [rows, columns, in, out], weight and bias of
	// a normalisation become gamma and beta, running_mean and running_var become mean and variance, and the rows of a
	// Dense behind the Flatten of an image are put into the order that channels last have. num_batches_tracked is
	// left out. Recurrent layers have weight_ih_l0, weight_hh_l0 and so on, whose two biases are added where a layer
	// here has one; attention has in_proj_weight, or q_proj_weight and its like, and out_proj. WeightNorm and
	// SpectralNorm are those of torch.nn.utils.parametrizations.
	PyTorch bool

	// Rename makes the name in the file that of a module's parameter: see [NamedParameters]. With PyTorch the last
	// part is that of PyTorch, as "conv1.weight". "" leaves a tensor out. The Replace of a strings.NewReplacer is such
	// a function. Nil: names are the same.
	Rename func(file string) string

	// Partial takes what is there, as load_state_dict(strict=False) does: parameters that the file lacks keep their
	// values. Otherwise what is missing or unexpected is an error, and nothing is changed.
	Partial bool
}

// Mismatch is what a file and a module do not have in common.
type Mismatch struct {
	Missing    []string // names of the module's parameters that the file lacks, as Rename would have to give them
	Unexpected []string // names of the file's tensors that the module has no parameter for
}

// String lists the names.
func (m Mismatch) String() string {
	var parts []string
	for _, list := range []struct {
		what  string
		names []string
	}{{"missing", m.Missing}, {"unexpected", m.Unexpected}} {
		if n := len(list.names); n > 0 {
			names := list.names[:min(n, 10)]
			text := fmt.Sprintf("%d %s: %s", n, list.what, strings.Join(names, ", "))
			if n > len(names) {
				text += ", ..."
			}
			parts = append(parts, text)
		}
	}
	if parts == nil {
		return "all names match"
	}
	return strings.Join(parts, "; ")
}

// LoadWeights sets a module's parameters to the tensors of a safetensors file, or of an index of several: see
// [dl.OpenSafetensors]. It is PyTorch's load_state_dict: names are mapped as the options say, floats of any type become
// those of the parameters, and what is missing or unexpected is said. A tensor of another shape, and unless Partial is
// set a missing or unexpected name, is an error; then nothing is changed. Tensors that are not needed are not read.
func LoadWeights(path string, m Module, o WeightOptions) (mismatch Mismatch, err error) {
	if err := given("nn.LoadWeights", m); err != nil {
		return Mismatch{}, err
	}
	f, err := dl.OpenSafetensors(path)
	if err != nil {
		return Mismatch{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var names []string
	for _, info := range f.Tensors() {
		names = append(names, info.Name)
	}
	mismatch, err = setWeights(m, names, f.Read, o)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return mismatch, err
}

// SetWeights is [LoadWeights] of tensors that are in memory.
func SetWeights(m Module, tensors []dl.Named, o WeightOptions) (Mismatch, error) {
	if err := given("nn.SetWeights", m); err != nil {
		return Mismatch{}, err
	}
	byName, names := byName(tensors), make([]string, len(tensors))
	for i, n := range tensors {
		if n.Tensor == nil {
			return Mismatch{}, fmt.Errorf("nn: the tensor %q is nil", n.Name)
		}
		names[i] = n.Name
	}
	return setWeights(m, names, func(name string) (*dl.Tensor, error) { return byName[name], nil }, o)
}

func setWeights(m Module, names []string, read func(name string) (*dl.Tensor, error), o WeightOptions) (Mismatch, error) {
	forms, shared := formsOf(m, o.PyTorch)
	inFile := map[string]string{} // by the name that Rename gives
	var lost Mismatch
	wanted := map[string]bool{}
	for _, f := range forms {
		for _, name := range f.names {
			wanted[name] = true
		}
	}
	for _, file := range names {
		name := file
		if o.Rename != nil {
			if name = o.Rename(file); name == "" {
				continue
			}
		}
		if other, twice := inFile[name]; twice {
			return Mismatch{}, fmt.Errorf("nn: the file's tensors %q and %q are both named %q", other, file, name)
		}
		inFile[name] = file
		counter := o.PyTorch && strings.HasSuffix(name, "num_batches_tracked")
		if !wanted[name] && !shared[name] && !counter {
			lost.Unexpected = append(lost.Unexpected, file)
		}
	}
	for _, f := range forms {
		for _, name := range f.names {
			if _, ok := inFile[name]; !ok {
				lost.Missing = append(lost.Missing, name)
			}
		}
	}
	if !o.Partial && (len(lost.Missing) > 0 || len(lost.Unexpected) > 0) {
		return lost, fmt.Errorf("nn: names do not match (set Partial to take what does): %v", lost)
	}
	values := make([]*dl.Tensor, len(forms))
	for i, f := range forms {
		for k, name := range f.names {
			file, ok := inFile[name]
			if !ok {
				values[i] = nil // half of a sum is nothing
				break
			}
			t, err := read(file)
			if err != nil {
				return lost, err
			}
			part, err := f.take(t)
			if err != nil {
				return lost, fmt.Errorf("nn: the tensor %q %w", file, err)
			}
			switch {
			case k > 0 && f.beside:
				part = dl.Concat(-1, values[i], part)
			case k > 0:
				part = values[i].Add(part)
			}
			values[i] = part
		}
	}
	weights := weightsOf(m)
	weights.Lock(context.Background())
	defer weights.Unlock()
	for i, f := range forms {
		if values[i] != nil {
			f.parameter.Value.CopyFrom(values[i].Reshape(f.parameter.Value.Shape()...))
		}
	}
	return lost, nil
}

// SaveWeights writes a module's parameters to a safetensors file under the names that the options say, Rename
// applied to the module's names: with PyTorch load_state_dict of a torch model with the same layers takes them.
// [SaveParameters] writes a file for [LoadParameters].
func SaveWeights(path string, m Module, o WeightOptions) error {
	tensors, err := Weights(m, o)
	if err != nil {
		return err
	}
	return dl.SaveSafetensors(path, tensors, map[string]string{"format": "pt"})
}

// Weights are the tensors that [SaveWeights] writes.
func Weights(m Module, o WeightOptions) ([]dl.Named, error) {
	if err := given("nn.Weights", m); err != nil {
		return nil, err
	}
	forms, _ := formsOf(m, o.PyTorch)
	var all []dl.Named
	seen := map[string]int{} // places in all, of names that are whole
	for _, f := range forms {
		for k, name := range f.names {
			if o.Rename != nil {
				if name = o.Rename(name); name == "" {
					continue
				}
			}
			t := f.give(k)
			at, twice := seen[name]
			if twice && f.rows == [2]int{} {
				return nil, fmt.Errorf("nn: two parameters are named %q", name)
			}
			if !twice {
				if f.rows != [2]int{} { // others fill the rest
					t = dl.New(t.DType(), f.shape...)
				}
				at, seen[name] = len(all), len(all)
				all = append(all, dl.Named{Name: name, Tensor: t})
			}
			if f.rows != [2]int{} {
				all[at].Tensor.Slice(0, f.rows[0], f.rows[1]).CopyFrom(f.give(k))
			}
		}
	}
	return all, nil
}

// form is how a parameter stands in a file.
type form struct {
	parameter *Parameter
	names     []string // of the tensors that it is made of: one, but for what PyTorch has apart
	beside    bool     // these lie side by side along the last axis; otherwise the parameter is their sum
	shape     dl.Shape // of the tensor in the file, of each of them
	rows      [2]int   // from and to: the parameter is only these of the tensor; zero: it is all of it
	split     dl.Shape // the tensor's axes are first split to these, if there are any
	axes      []int    // then permuted; nil: as they are
}

// take makes the file's tensor the parameter's, but for the shape.
func (f *form) take(t *dl.Tensor) (_ *dl.Tensor, err error) {
	if !equal(t.Shape(), f.shape) || !t.DType().IsFloat() {
		return nil, fmt.Errorf("is %v of %v; the model needs %v of %v", t.Shape(), t.DType(), f.shape, f.parameter.Value.DType())
	}
	if f.rows != [2]int{} {
		t = t.Slice(0, f.rows[0], f.rows[1])
	}
	if f.split != nil {
		t = t.Reshape(f.split...)
	}
	if f.axes != nil {
		t = t.Permute(f.axes...)
	}
	return t.To(f.parameter.Value.DType()), nil
}

// give makes the parameter's tensor the file's, the one with name k: the rows that the parameter is, where it is some.
func (f *form) give(k int) *dl.Tensor {
	t := f.parameter.Value.Detach()
	switch n := len(f.names); {
	case f.beside:
		wide := t.Dim(-1) / n
		t = t.Narrow(-1, k*wide, wide)
	case k > 0: // the first is the whole sum
		t = dl.ZerosLike(t)
	}
	shape := f.shape.Clone()
	if f.rows != [2]int{} {
		shape[0] = f.rows[1] - f.rows[0]
	}
	if f.axes == nil {
		return t.Reshape(shape...)
	}
	split := f.split
	if split == nil {
		split = shape
	}
	mixed, back := make([]int, len(split)), make([]int, len(split))
	for to, from := range f.axes {
		mixed[to], back[from] = split[from], to
	}
	return t.Reshape(mixed...).Permute(back...).Contiguous().Reshape(shape...)
}

// formsOf says how a module's parameters stand in a file, and which other names lead to some of them.
func formsOf(m Module, pytorch bool) (forms []form, shared map[string]bool) {
	c := newCollector()
	c.owners = map[*Parameter]Module{}
	c.module("", m)
	var images map[Module]dl.Shape
	if pytorch {
		images = flattened(m)
	}
	shared = map[string]bool{}
	for name := range c.shared {
		shared[name] = true
	}
	for _, n := range c.found {
		f := form{parameter: n.Parameter, names: []string{n.Name}, shape: n.Value.Shape()}
		if owner := c.owners[n.Parameter]; pytorch && owner != nil {
			image := images[owner]
			if a, ok := owner.(*around); ok {
				image = images[a.of.body]
			}
			f.asPyTorch(owner, image)
		}
		forms = append(forms, f)
	}
	if pytorch { // of a tied tensor PyTorch has the same last part under both names
		for name, first := range c.shared {
			i := slices.IndexFunc(c.found, func(n NamedParameter) bool { return n.Name == first })
			last := forms[i].names[0]
			shared[join(parent(name), last[strings.LastIndexByte(last, '.')+1:])] = true
		}
	}
	return forms, shared
}
