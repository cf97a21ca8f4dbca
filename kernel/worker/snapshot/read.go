package snapshot

import (
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unsafe"

	"modelbook/kernel/worker/control"
)

// reader reads variables one after the other.
type reader struct {
	b       []byte // what is left of the variable
	names   []string
	vars    map[string]any
	seen    map[uint64]reflect.Value
	types   map[string]reflect.Type
	early   map[string]bool // of types: the file is of before their later fields
	before  bool            // what is being read is
	globals map[string]any
	depth   int
}

var errShort = errors.New("the file ends in the middle of it")

// Read sets the variables that vars points to from what Write wrote. types
// are the types that the file names, by their keys. A variable that is not in
// vars, or whose type is another one now, is skipped. globals are values of
// variables of packages, by the names that the file has for them.
func Read(b []byte, vars map[string]any, types map[string]reflect.Type, globals map[string]any) (*control.Saved, error) {
	d := &reader{globals: globals, vars: vars, seen: map[uint64]reflect.Value{}, types: map[string]reflect.Type{}, early: map[string]bool{}}
	for key, t := range types {
		switch {
		case strings.HasSuffix(key, fmt.Sprintf(" %x", layout(t))):
			d.types[key] = t
		case strings.HasSuffix(key, fmt.Sprintf(" %x", layoutOf(t, true))):
			d.types[key], d.early[key] = t, true
		}
	}
	if len(b) < 8 {
		return nil, errShort
	}
	count := binary.LittleEndian.Uint64(b)
	b = b[8:]
	type entry struct {
		layout uint64
		value  []byte
	}
	var entries []entry
	for range min(count, uint64(len(b))) { // names first: pointers lead to variables read later
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) || uint64(len(b)-used)-n < 16 {
			return nil, errShort
		}
		name := string(b[used : used+int(n)])
		b = b[used+int(n):]
		sum, size := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		if b = b[16:]; size > uint64(len(b)) {
			return nil, errShort
		}
		d.names = append(d.names, name)
		entries = append(entries, entry{sum, b[:size]})
		b = b[size:]
	}
	result := &control.Saved{}
	for i, e := range entries {
		name := d.names[i]
		if len(e.value) == 0 { // was skipped when it was written
			continue
		}
		if err := d.variable(name, e.layout, e.value); err != nil {
			result.Skipped = append(result.Skipped, control.Skipped{Name: name, Why: err.Error()})
		} else {
			result.Done = append(result.Done, name)
		}
	}
	return result, nil
}

// variable reads one variable, all of it or nothing.
func (d *reader) variable(name string, sum uint64, b []byte) (err error) {
	p, ok := d.vars[name]
	if !ok {
		return errors.New("there is no such variable")
	}
	v := reflect.ValueOf(p).Elem()
	if d.before = layout(v.Type()) != sum; d.before && layoutOf(v.Type(), true) != sum {
		return fmt.Errorf("its type %v is another one now", v.Type())
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
	}()
	d.b, d.depth = b[1:], 0
	fresh := reflect.New(v.Type()).Elem()
	if err := d.value(fresh); err != nil {
		return err
	}
	v.Set(fresh)
	return nil
}

func (d *reader) uint() (uint64, error) {
	n, used := binary.Uvarint(d.b)
	if used <= 0 {
		return 0, errShort
	}
	d.b = d.b[used:]
	return n, nil
}

// take is the next n bytes.
func (d *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.b)) {
		return nil, errShort
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b, nil
}

func (d *reader) bytes() ([]byte, error) {
	n, err := d.uint()
	if err != nil {
		return nil, err
	}
	return d.take(n)
}

func (d *reader) float() (float64, error) {
	b, err := d.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

// value reads into an addressable value that is zero.
func (d *reader) value(v reflect.Value) error {
	if d.depth++; d.depth > maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	defer func() { d.depth-- }()
	t := v.Type()
	if isLock(t) {
		return nil
	}
	if own(t) {
		b, err := d.bytes()
		if err != nil {
			return err
		}
		return unmarshal(v, b)
	}
	switch t.Kind() {
	case reflect.Bool:
		b, err := d.take(1)
		if err != nil {
			return err
		}
		v.SetBool(b[0] != 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, used := binary.Varint(d.b)
		if used <= 0 {
			return errShort
		}
		d.b = d.b[used:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, err := d.uint()
		if err != nil {
			return err
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		x, err := d.float()
		if err != nil {
			return err
		}
		v.SetFloat(x)
	case reflect.Complex64, reflect.Complex128:
		re, err := d.float()
		if err != nil {
			return err
		}
		im, err := d.float()
		if err != nil {
			return err
		}
		v.SetComplex(complex(re, im))
	case reflect.String:
		b, err := d.bytes()
		if err != nil {
			return err
		}
		v.SetString(string(b))
	case reflect.Array:
		return d.elements(v)
	case reflect.Struct:
		state, part := stateful(t)
		if !part && !open(t) {
			return fmt.Errorf("a %v hides what it is made of", t)
		}
		for i := range t.NumField() {
			if part && !t.Field(i).IsExported() || d.before && isLater(t.Field(i)) {
				continue
			}
			if err := d.value(field(v, i)); err != nil {
				return err
			}
		}
		if part {
			s := reflect.New(state).Elem()
			if err := d.value(s); err != nil {
				return err
			}
			if err, failed := v.Addr().MethodByName("SetState").Call([]reflect.Value{s})[0].Interface().(error); failed {
				return err
			}
		}
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return d.reference(v)
	default:
		_, err := d.take(1) // nil
		return err
	}
	return nil
}

func (d *reader) elements(v reflect.Value) error {
	n := v.Len()
	if t := v.Type().Elem(); flat(t) && n > 0 {
		b, err := d.take(uint64(n) * uint64(t.Size()))
		if err != nil {
			return err
		}
		copy(unsafe.Slice((*byte)(v.Index(0).Addr().UnsafePointer()), len(b)), b)
		return nil
	}
	for i := range n {
		if err := d.value(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// reference reads a pointer, slice, map or interface.
func (d *reader) reference(v reflect.Value) error {
	tag, err := d.take(1)
	if err != nil {
		return err
	}
	t := v.Type()
	switch {
	case tag[0] == tagNil:
		return nil
	case tag[0] == tagText && t.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(t, 0, 0))
		return nil
	case tag[0] == tagGlobal:
		return d.global(v)
	case t.Kind() == reflect.Interface:
		return d.dynamic(v, tag[0])
	}
	n, err := d.uint()
	if err != nil {
		return err
	}
	switch {
	case tag[0] == tagVar && t.Kind() == reflect.Pointer:
		if n >= uint64(len(d.names)) || d.vars[d.names[n]] == nil {
			return errors.New("it points to a variable that is not there")
		}
		return set(v, reflect.ValueOf(d.vars[d.names[n]]))
	case tag[0] == tagSeen:
		s, ok := d.seen[n]
		if !ok {
			return errors.New("it shares memory with a variable that could not be read")
		}
		return set(v, s)
	case tag[0] != tagNew:
		return fmt.Errorf("damaged: tag %d", tag[0])
	}
	switch t.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.seen[n] = reflect.ValueOf(v.Interface())
		return d.value(v.Elem())
	case reflect.Slice:
		return d.slice(v, n)
	}
	return d.mapping(v, n)
}

// set assigns a value read before, if it fits.
func set(v, s reflect.Value) error {
	if s.Type() != v.Type() {
		if !s.Type().ConvertibleTo(v.Type()) || s.Kind() != v.Kind() {
			return fmt.Errorf("damaged: a %v where a %v belongs", s.Type(), v.Type())
		}
		s = s.Convert(v.Type())
	}
	v.Set(s)
	return nil
}

// step is how many elements are made before the file has shown that they exist.
const step = 1 << 16

func (d *reader) slice(v reflect.Value, number uint64) error {
	count, err := d.uint()
	if err != nil {
		return err
	}
	t := v.Type()
	size := uint64(1) // every element takes at least a byte of the file
	if flat(t.Elem()) {
		size = uint64(t.Elem().Size())
	}
	if t.Elem().Size() == 0 || isEmpty(t.Elem()) {
		if count > step {
			return fmt.Errorf("damaged: %d elements without content", count)
		}
	} else if count > uint64(len(d.b))/size {
		return errShort
	}
	v.Set(reflect.MakeSlice(t, int(count), int(count)))
	d.seen[number] = reflect.ValueOf(v.Interface())
	return d.elements(v)
}

// isEmpty reports whether values of a type take no byte of the file.
func isEmpty(t reflect.Type) bool {
	switch {
	case isLock(t):
		return true
	case own(t):
		return false
	case t.Kind() == reflect.Array:
		return t.Len() == 0 || isEmpty(t.Elem())
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if !isEmpty(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return false
}

func (d *reader) mapping(v reflect.Value, number uint64) error {
	count, err := d.uint()
	if err != nil {
		return err
	}
	t := v.Type()
	v.Set(reflect.MakeMap(t))
	d.seen[number] = reflect.ValueOf(v.Interface())
	for range count {
		if len(d.b) == 0 && !isEmpty(t.Key()) {
			return errShort
		}
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.value(key); err != nil {
			return err
		}
		if err := d.value(value); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
		if isEmpty(t.Key()) {
			break // there is one such key
		}
	}
	return nil
}

func (d *reader) dynamic(v reflect.Value, tag byte) error {
	switch tag {
	case tagFailure:
		return d.failure(v)
	case tagSeen:
		n, err := d.uint()
		if err != nil {
			return err
		}
		if s := d.seen[n]; s.IsValid() {
			return assign(v, s)
		}
		return errors.New("it shares an error with a variable that could not be read")
	}
	b, err := d.bytes()
	if err != nil {
		return err
	}
	if tag == tagText {
		return assign(v, reflect.ValueOf(errors.New(string(b))))
	}
	t, ok := d.types[string(b)]
	if tag != tagNew || !ok {
		return fmt.Errorf("it holds a value of a type that is another one now: %.60q", b)
	}
	held, before := reflect.New(t).Elem(), d.before
	d.before = d.early[string(b)]
	err = d.value(held)
	if d.before = before; err != nil {
		return err
	}
	return assign(v, held)
}

func assign(v, held reflect.Value) error {
	if !held.Type().AssignableTo(v.Type()) {
		return fmt.Errorf("damaged: a %v in a %v", held.Type(), v.Type())
	}
	v.Set(held)
	return nil
}

// unmarshal lets a value read itself.
func unmarshal(v reflect.Value, b []byte) error {
	p := v.Addr().Interface()
	b = append([]byte(nil), b...) // theirs to keep
	if m, ok := p.(encoding.BinaryUnmarshaler); ok {
		if _, ok := p.(encoding.BinaryMarshaler); ok {
			return m.UnmarshalBinary(b)
		}
	}
	if m, ok := p.(gob.GobDecoder); ok {
		return m.GobDecode(b)
	}
	return p.(encoding.TextUnmarshaler).UnmarshalText(b)
}
