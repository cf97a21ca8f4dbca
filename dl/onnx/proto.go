package onnx

// The messages of onnx.proto that this package needs, and of these the fields.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
type (
	modelProto struct {
		irVersion int64
		producer  string
		opsets    []opset
		graph     graphProto
		functions bool // there are functions of the model's own
	}
	opset struct {
		domain  string
		version int64
	}
	graphProto struct {
		name         string
		nodes        []nodeProto
		initializers []tensorProto
		inputs       []valueInfo
		outputs      []valueInfo
		sparse       bool // there are sparse initializers
	}
	nodeProto struct {
		op, domain, name string
		in, out          []string
		attrs            []attribute
	}
	attribute struct {
		name    string
		kind    int64
		f       float32
		i       int64
		s       string
		t       *tensorProto
		floats  []float32
		ints    []int64
		strings []string
		ref     bool // the attribute of a function
	}
	tensorProto struct {
		name     string
		dims     []int64
		dtype    int64
		raw      []byte
		hasRaw   bool
		floats   []float32
		ints     []int64 // of int32_data and int64_data
		doubles  []float64
		external bool
	}
	valueInfo struct {
		name  string
		dtype int64
		shape []dimension
		known bool // the shape is
	}
	dimension struct {
		value int64  // of a fixed size
		param string // the name of one that varies, "" where there is neither
	}
)

// Numbers of AttributeProto.AttributeType.
const (
	attrFloat   = 1
	attrInt     = 2
	attrString  = 3
	attrTensor  = 4
	attrFloats  = 6
	attrInts    = 7
	attrStrings = 8
)

// Numbers of TensorProto.DataType.
const (
	typeFloat    = 1
	typeUint8    = 2
	typeInt8     = 3
	typeUint16   = 4
	typeInt16    = 5
	typeInt32    = 6
	typeInt64    = 7
	typeBool     = 9
	typeFloat16  = 10
	typeDouble   = 11
	typeUint32   = 12
	typeUint64   = 13
	typeBFloat16 = 16
)

// attr finds an attribute.
func (n *nodeProto) attr(name string) *attribute {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			return &n.attrs[i]
		}
	}
	return nil
}

func (n *nodeProto) int(name string, byDefault int) int {
	if a := n.attr(name); a != nil {
		return int(a.i)
	}
	return byDefault
}

func (n *nodeProto) float(name string, byDefault float64) float64 {
	if a := n.attr(name); a != nil {
		return float64(a.f)
	}
	return byDefault
}

func (n *nodeProto) text(name, byDefault string) string {
	if a := n.attr(name); a != nil {
		return a.s
	}
	return byDefault
}

// ints are those of an attribute, nil when there is none.
func (n *nodeProto) ints(name string) []int {
	a := n.attr(name)
	if a == nil {
		return nil
	}
	all := make([]int, len(a.ints))
	for i, v := range a.ints {
		all[i] = int(v)
	}
	return all
}
