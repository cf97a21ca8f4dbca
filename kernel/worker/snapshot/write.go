package snapshot

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/still"
)

// maxDepth bounds how deep values are nested, a list's links among them.
const maxDepth = 50_000

// Tags in front of pointers, maps, slices and interfaces.
const (
	tagNil  = iota
	tagNew  // it follows, under the next number
	tagSeen // a number follows
	tagVar  // the number of a variable that the pointer points to
	tagText // an error of a type without a name, as its text; empty, of a slice
	// Of a session's format since variables of packages are known:
	tagGlobal  // the name of a variable of a package follows, whose value it is
	tagFailure // an error of a type without a name: number, text, what it wraps
)

// shared names memory that several values may refer to.
type shared struct {
	p   unsafe.Pointer
	t   reflect.Type
	len int // of a slice
}

// writer writes variables one after the other.
type writer struct {
	buf     bytes.Buffer
	seen    map[shared]uint64
	order   []shared // by number
	owners  []string // and the variables that they were reached from
	roots   map[shared]int
	types   map[reflect.Type]string
	refs    []control.Type
	depth   int
	name    string          // of the variable
	path    []part          // from there to the value that is written
	globals map[any]string  // the names of values that variables of packages have
	named   map[string]bool // those that were used
	// fields are what leads to the fields of structures.
	fields map[reflect.Type][]string
	// states are what State returned: their memory must not be that of another
	// value while seen has it.
	states []reflect.Value
}

// Write writes the variables that vars points to. globals are values that
// variables of packages have, as io.EOF: they are written by name.
func Write(w io.Writer, vars, globals map[string]any) (*control.Saved, error) {
	e := &writer{globals: identities(globals), named: map[string]bool{}, seen: map[shared]uint64{}, roots: map[shared]int{}, types: map[reflect.Type]string{}, fields: map[reflect.Type][]string{}}
	names := slices.Sorted(maps.Keys(vars))
	for i, name := range names {
		p := reflect.ValueOf(vars[name])
		e.roots[shared{p: p.UnsafePointer(), t: p.Type()}] = i
	}
	result := &control.Saved{}
	var head [8]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(names)))
	if _, err := w.Write(head[:]); err != nil {
		return nil, err
	}
	for _, name := range names {
		e.buf.Reset()
		known, refs := len(e.order), len(e.refs)
		v := reflect.ValueOf(vars[name]).Elem()
		err := e.variable(name, v)
		if err != nil {
			e.forget(known)
			for t, key := range e.types {
				if slices.ContainsFunc(e.refs[refs:], func(r control.Type) bool { return r.Key == key }) {
					delete(e.types, t)
				}
			}
			e.refs = e.refs[:refs]
			e.buf.Reset()
			result.Skipped = append(result.Skipped, control.Skipped{Name: name, Why: err.Error()})
		} else {
			result.Done = append(result.Done, name)
		}
		var entry bytes.Buffer
		entry.Write(binary.AppendUvarint(nil, uint64(len(name))))
		entry.WriteString(name)
		entry.Write(binary.LittleEndian.AppendUint64(nil, layout(v.Type())))
		entry.Write(binary.LittleEndian.AppendUint64(nil, uint64(e.buf.Len())))
		for _, b := range [][]byte{entry.Bytes(), e.buf.Bytes()} {
			if _, err := w.Write(b); err != nil {
				return nil, err
			}
		}
	}
	result.Types, result.Globals = e.refs, slices.Sorted(maps.Keys(e.named))
	done := maps.Clone(vars)
	maps.DeleteFunc(done, func(name string, _ any) bool { return !slices.Contains(result.Done, name) })
	result.Apart = e.apart(done)
	return result, nil
}

// forget takes back what was numbered from a number on.
func (e *writer) forget(number int) {
	for _, s := range e.order[number:] {
		delete(e.seen, s)
	}
	e.order, e.owners = e.order[:number], e.owners[:number]
}

// variable writes one variable; a panic of a method of its is its own fault.
func (e *writer) variable(name string, v reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: it panicked while it was written: %v", name, p)
		}
	}()
	e.name, e.path, e.depth = name, e.path[:0], 0
	e.buf.WriteByte(1)
	still.Carefully(func() { err = e.value(v) })
	return err
}

// A part leads from a value to one inside it: a name as it is written in Go, a
// key of a map, or an index.
type part struct {
	name  string
	key   reflect.Value
	index int
}

// longest is the length of a path that is still spelled out.
const longest = 120

// where is the path to the value that is written, for errors.
func (e *writer) where() string {
	var b strings.Builder
	b.WriteString(e.name)
	for _, s := range e.path {
		switch {
		case b.Len() > longest:
			return b.String() + "..."
		case s.name != "":
			b.WriteString(s.name)
		case s.key.IsValid():
			fmt.Fprintf(&b, "[%.40v]", s.key)
		default:
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

// inside writes a value inside the present one.
func (e *writer) inside(s part, v reflect.Value) error {
	e.path = append(e.path, s)
	err := e.value(v)
	if err == nil { // else the path is in the error
		e.path = e.path[:len(e.path)-1]
	}
	return err
}

func (e *writer) uint(n uint64)   { e.buf.Write(binary.AppendUvarint(e.buf.AvailableBuffer(), n)) }
func (e *writer) bytes(b []byte)  { e.uint(uint64(len(b))); e.buf.Write(b) }
func (e *writer) string(s string) { e.uint(uint64(len(s))); e.buf.WriteString(s) }

// value writes an addressable value.
func (e *writer) value(v reflect.Value) error {
	if e.depth++; e.depth > maxDepth {
		return fmt.Errorf("%.40s...: nested more than %d deep", e.where(), maxDepth)
	}
	defer func() { e.depth-- }()
	t := v.Type()
	if isLock(t) {
		return nil
	}
	if own(t) {
		b, err := marshal(v)
		if err != nil {
			return fmt.Errorf("%s: %w", e.where(), err)
		}
		e.bytes(b)
		return nil
	}
	switch t.Kind() {
	case reflect.Bool:
		e.buf.WriteByte(map[bool]byte{true: 1}[v.Bool()])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf.Write(binary.AppendVarint(e.buf.AvailableBuffer(), v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.uint(v.Uint())
	case reflect.Float32, reflect.Float64:
		e.buf.Write(binary.LittleEndian.AppendUint64(e.buf.AvailableBuffer(), math.Float64bits(v.Float())))
	case reflect.Complex64, reflect.Complex128:
		for _, x := range []float64{real(v.Complex()), imag(v.Complex())} {
			e.buf.Write(binary.LittleEndian.AppendUint64(e.buf.AvailableBuffer(), math.Float64bits(x)))
		}
	case reflect.String:
		e.string(v.String())
	case reflect.Array:
		return e.elements(v)
	case reflect.Struct:
		_, known := stateful(t)
		if !known && !open(t) {
			return fmt.Errorf("%s: a %v hides what it is made of", e.where(), t)
		}
		fields := e.fieldsOf(t)
		for i := range fields {
			if known && !t.Field(i).IsExported() {
				continue
			}
			if err := e.inside(part{name: fields[i]}, field(v, i)); err != nil {
				return err
			}
		}
		if known {
			state := copied(v.Addr().MethodByName("State").Call(nil)[0])
			e.states = append(e.states, state)
			return e.inside(part{name: ".State()"}, state)
		}
	case reflect.Pointer:
		return e.pointer(v)
	case reflect.Slice:
		return e.slice(v)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Interface:
		return e.dynamic(v)
	default: // functions, channels, unsafe pointers
		if v.IsZero() {
			e.buf.WriteByte(tagNil)
			return nil
		}
		kind := map[reflect.Kind]string{reflect.Func: "a function", reflect.Chan: "a channel"}[t.Kind()]
		if kind == "" {
			kind = "an unsafe.Pointer"
		}
		return fmt.Errorf("%s: %s cannot be written", e.where(), kind)
	}
	return nil
}

// fieldsOf are the names of a structure's fields with a dot before them.
func (e *writer) fieldsOf(t reflect.Type) []string {
	names, ok := e.fields[t]
	if !ok {
		for i := range t.NumField() {
			names = append(names, "."+t.Field(i).Name)
		}
		e.fields[t] = names
	}
	return names
}

// field is a field of an addressable structure, unexported ones as well.
func field(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
}

// copied is an addressable copy of a value.
func copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

func (e *writer) elements(v reflect.Value) error {
	n := v.Len()
	if t := v.Type().Elem(); flat(t) && n > 0 {
		e.buf.Write(unsafe.Slice((*byte)(v.Index(0).Addr().UnsafePointer()), n*int(t.Size())))
		return nil
	}
	for i := range n {
		if err := e.inside(part{index: i}, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// again writes the number of memory that was written before, or gives it one.
func (e *writer) again(s shared) bool {
	if n, ok := e.seen[s]; ok {
		e.buf.WriteByte(tagSeen)
		e.uint(n)
		return true
	}
	e.seen[s] = uint64(len(e.order))
	e.order, e.owners = append(e.order, s), append(e.owners, e.name)
	e.buf.WriteByte(tagNew)
	e.uint(e.seen[s])
	return false
}

func (e *writer) pointer(v reflect.Value) error {
	if v.IsNil() {
		e.buf.WriteByte(tagNil)
		return nil
	}
	if e.global(v) {
		return nil
	}
	s := shared{p: v.UnsafePointer(), t: v.Type()}
	if i, ok := e.roots[s]; ok {
		e.buf.WriteByte(tagVar)
		e.uint(uint64(i))
		return nil
	}
	if e.again(s) {
		return nil
	}
	return e.value(v.Elem())
}

func (e *writer) slice(v reflect.Value) error {
	if v.IsNil() {
		e.buf.WriteByte(tagNil)
		return nil
	}
	if v.Len() > 0 && e.again(shared{v.UnsafePointer(), v.Type(), v.Len()}) {
		return nil
	} else if v.Len() == 0 {
		e.buf.WriteByte(tagText) // empty, not nil
		return nil
	}
	e.uint(uint64(v.Len()))
	return e.elements(v)
}

func (e *writer) mapping(v reflect.Value) error {
	if v.IsNil() {
		e.buf.WriteByte(tagNil)
		return nil
	}
	if e.again(shared{p: v.UnsafePointer(), t: v.Type()}) {
		return nil
	}
	keys, values, err := still.Entries(v, math.MaxInt)
	if err != nil {
		return fmt.Errorf("%s: %w", e.where(), err)
	}
	e.uint(uint64(keys.Len()))
	for i := range keys.Len() {
		if err := e.inside(part{name: " key"}, keys.Index(i)); err != nil {
			return err
		}
		if err := e.inside(part{key: keys.Index(i)}, values.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// dynamic writes what an interface holds, with its type.
func (e *writer) dynamic(v reflect.Value) error {
	if v.IsNil() {
		e.buf.WriteByte(tagNil)
		return nil
	}
	held := v.Elem()
	if e.global(held) {
		return nil
	}
	key, ok := e.types[held.Type()]
	if !ok {
		paths := map[string]string{}
		text, nameable := source(held.Type(), paths)
		if !nameable {
			if err, isError := held.Interface().(error); isError {
				return e.failure(held, err)
			}
			return fmt.Errorf("%s: it holds a %v, a type without a name here", e.where(), held.Type())
		}
		key = fmt.Sprintf("%s %x", text, layout(held.Type()))
		e.types[held.Type()] = key
		e.refs = append(e.refs, control.Type{Key: key, Text: text, Paths: paths})
	}
	e.buf.WriteByte(tagNew)
	e.string(key)
	return e.inside(part{name: ".(" + held.Type().String() + ")"}, copied(held))
}

// marshal asks a value to write itself.
func marshal(v reflect.Value) ([]byte, error) {
	p := v.Addr().Interface()
	if m, ok := p.(encoding.BinaryMarshaler); ok {
		if _, ok := p.(encoding.BinaryUnmarshaler); ok {
			return m.MarshalBinary()
		}
	}
	if m, ok := p.(gob.GobEncoder); ok {
		return m.GobEncode()
	}
	return p.(encoding.TextMarshaler).MarshalText()
}
