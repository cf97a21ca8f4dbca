package nn

import (
	"fmt"
	"strings"

	"modelbook/dl"
)

// Named gives a layer of a model or a graph a name, as Keras's argument name does. Its parameters have it in their
// paths, "conv1.weight"; it may have points itself, as PyTorch's "layer1.0.conv1". Layers without a name are called
// after their types: conv2d, dense, dense_1.
func Named(name string, layer Layer) Layer { return namedLayer{name, layer} }

// namedLayer is a layer with a name. Models and graphs take the layer out of it.
type namedLayer struct {
	name  string
	layer Layer
}

// Build makes the layer: see [Layer].
func (n namedLayer) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.layer == nil {
		return nil, nil, fmt.Errorf("the layer named %q is nil", n.name)
	}
	return n.layer.Build(in, b)
}

// nameLayer is a layer without a name around it, and its name in a model with layers of the names used.
func nameLayer(layer Layer, used map[string]int) (Layer, string, error) {
	n, ok := layer.(namedLayer)
	if !ok {
		name := uniqueName(layer, used)
		for used[taken+name] > 0 { // a name that was given
			name = uniqueName(layer, used)
		}
		used[taken+name]++
		return layer, name, nil
	}
	if _, twice := n.layer.(namedLayer); twice || n.layer == nil {
		return layer, "", fmt.Errorf("the layer named %q has another name, or is nil", n.name)
	}
	if n.name == "" || strings.HasPrefix(n.name, ".") || strings.HasSuffix(n.name, ".") || strings.Contains(n.name, "..") {
		return layer, "", fmt.Errorf("%q is no name for a layer", n.name)
	}
	if used[taken+n.name]++; used[taken+n.name] > 1 {
		return layer, "", fmt.Errorf("two layers are named %q", n.name)
	}
	return n.layer, n.name, nil
}

// taken stands before whole names, as they are counted beside the names of types.
const taken = "name "

// givenName is the name of a layer if it is not the one that a file would give it again, else "".
func givenName(name string, made Layer, used map[string]int) string {
	before := map[string]int{}
	for key, n := range used {
		before[key] = n
	}
	if _, same, err := nameLayer(made, used); err == nil && same == name {
		return ""
	}
	clear(used)
	for key, n := range before {
		used[key] = n
	}
	used[taken+name]++
	return name
}
