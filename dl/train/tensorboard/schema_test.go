package tensorboard

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// schema is a kind of message of TensorFlow's definitions: see testdata/readers.py.
func schema(t *testing.T, file, name string) protoreflect.MessageDescriptor {
	t.Helper()
	b, err := os.ReadFile("testdata/schema.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(b, &set); err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		t.Fatal(err)
	}
	d, err := files.FindFileByPath("tensorboard/compat/proto/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return d.Messages().ByName(protoreflect.Name(name))
}

// parsed is a message, of which every field, and every field of what is in it, is defined.
func parsed(t *testing.T, d protoreflect.MessageDescriptor, b []byte) protoreflect.Message {
	t.Helper()
	m := dynamicpb.NewMessage(d)
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	defined(t, m)
	return m
}

func defined(t *testing.T, m protoreflect.Message) {
	if u := m.GetUnknown(); len(u) > 0 {
		t.Errorf("%s has fields that are not defined: %x", m.Descriptor().FullName(), u)
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap() && f.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { defined(t, v.Message()); return true })
		case f.IsMap() || f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				defined(t, v.List().Get(i).Message())
			}
		default:
			defined(t, v.Message())
		}
		return true
	})
}

// field is the value of a field, of a path of names.
func at(m protoreflect.Message, path string) protoreflect.Value {
	first, rest, deeper := strings.Cut(path, ".")
	v := m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(first)))
	if deeper {
		return at(v.Message(), rest)
	}
	return v
}

// Everything that is written are events as TensorFlow defines them.
func TestEventsAreAsDefined(t *testing.T) {
	event := schema(t, "event.proto", "Event")
	kinds := map[string]int{}
	for content := range contents(sample(t)) {
		m := parsed(t, event, content)
		what := string(m.WhichOneof(event.Oneofs().ByName("what")).Name())
		if what != "summary" {
			kinds[what]++
			continue
		}
		for i := range at(m, "summary.value").List().Len() {
			v := at(m, "summary.value").List().Get(i).Message()
			kind := string(v.WhichOneof(v.Descriptor().Oneofs().ByName("value")).Name())
			kinds[kind]++
			if kind == "tensor" && (at(v, "metadata.plugin_data.plugin_name").String() != "text" || at(v, "tensor.dtype").Enum() != 7 || at(v, "tensor.string_val").List().Len() != 1) {
				t.Errorf("text %v", v)
			}
			if kind == "image" && !bytes.HasPrefix(at(v, "image.encoded_image_string").Bytes(), []byte("\x89PNG")) {
				t.Errorf("image %v", v)
			}
		}
	}
	for kind, n := range map[string]int{"file_version": 1, "graph_def": 2, "simple_value": 4, "histo": 2, "image": 4, "tensor": 1} {
		if kinds[kind] != n {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, n)
		}
		delete(kinds, kind)
	}
	if len(kinds) > 0 {
		t.Errorf("also %v", kinds)
	}
}

// graphOf are the nodes of a module's graph by their names: what stands in front of them, and their shapes.
func graphOf(t *testing.T, m nn.Module, inputs ...*dl.Tensor) map[string]string {
	t.Helper()
	nodes, err := nodesOf(m, inputs)
	if err != nil {
		t.Fatal(err)
	}
	g := parsed(t, schema(t, "graph.proto", "GraphDef"), graphDef(nodes))
	all := map[string]string{}
	for i := range at(g, "node").List().Len() {
		n := at(g, "node").List().Get(i).Message()
		var from, sizes []string
		for k := range at(n, "input").List().Len() {
			from = append(from, at(n, "input").List().Get(k).String())
		}
		attributes := at(n, "attr").Map()
		shape := at(attributes.Get(protoreflect.ValueOfString("_output_shapes").MapKey()).Message(), "list.shape").List().Get(0).Message()
		for k := range at(shape, "dim").List().Len() {
			sizes = append(sizes, at(at(shape, "dim").List().Get(k).Message(), "size").String())
		}
		name := at(n, "name").String()
		if _, twice := all[name]; twice {
			t.Errorf("two nodes %s", name)
		}
		all[name] = at(n, "op").String() + "(" + strings.Join(from, ", ") + ") [" + strings.Join(sizes, " ") + "]"
	}
	for name, n := range all {
		inside := n[strings.IndexByte(n, '(')+1 : strings.LastIndexByte(n, ')')]
		for _, in := range strings.Split(inside, ", ") {
			if _, ok := all[in]; !ok && in != "" {
				t.Errorf("%s is made of %s, which is no node", name, in)
			}
		}
	}
	return all
}

// The graph of a chain, of one whose inputs are tokens, and of one that branches.
func TestGraphs(t *testing.T) {
	r, _ := trainer(t)
	got := graphOf(t, r.Model)
	for name, want := range map[string]string{
		"input":        "Placeholder() [1 6 6 1]",
		"first/weight": "Parameter() [3 3 1 4]",
		"first/Conv2D": "Conv2D(input, first/weight, first/bias) [1 4 4 4]",
		"dense/bias":   "Parameter() [2]",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q; the graph is %v", name, got[name], want, got)
		}
	}
	tokens, err := nn.Sequential(dl.Shape{5}, nn.Embedding{Vocabulary: 10, Units: 4}, nn.GlobalAvgPool1D{}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	got = graphOf(t, tokens)
	if n := got["embedding/Embedding"]; n != "Embedding(embedding/weight, input) [1 5 4]" || got["input"] != "Placeholder() [1 5]" {
		t.Errorf("the graph is %v", got)
	}
	g := nn.NewGraph()
	a, b := g.Input("a", 3), g.Input("b", 2)
	if _, err := g.Build(g.Layer(nn.Dense{Units: 1})(g.Concat(g.Layer(nn.Dense{Units: 2})(a), b))); err != nil {
		t.Fatal(err)
	}
	got = graphOf(t, g)
	joined := ""
	for name, n := range got {
		if strings.HasPrefix(n, "Concat") {
			joined = name + " is " + n
		}
	}
	if !strings.Contains(joined, "input_2") || got["input_1"] != "Placeholder() [1 3]" || got["input_2"] != "Placeholder() [1 2]" {
		t.Errorf("the graph is %v", got)
	}
	// The same layer twice has its parameters once, and its operations twice.
	shared := nn.Build(nn.Dense{Units: 3}, 3)
	twice, err := nn.Sequential(dl.Shape{3}, shared, shared)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range graphOf(t, twice) {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) != 5 { // input, weight, bias, two products
		t.Errorf("the graph has the nodes %v", names)
	}
}
