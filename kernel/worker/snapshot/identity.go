package snapshot

import (
	"errors"
	"fmt"
	"reflect"
)

// Some values are known by what they are, not by what they hold: io.EOF is that
// one error, and no other that says "EOF". The value of a variable of a package
// is written as the variable's name. Errors of types without a name keep their
// text and what they wrap, so that errors.Is and errors.As find in them what
// they found before, and one error in two places stays one.

// identities are the names of values that variables have.
func identities(globals map[string]any) map[any]string {
	names := map[any]string{}
	for name, value := range globals {
		if !hasIdentity(reflect.ValueOf(value)) {
			continue
		}
		if other := names[value]; other == "" || isBefore(name, other) {
			names[value] = name
		}
	}
	return names
}

// isBefore prefers the shorter of two names for one value: fs.ErrExist is
// os.ErrExist.
func isBefore(a, b string) bool {
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// hasIdentity reports whether a value is a pointer, or of a structure whose type
// only its package can name.
func hasIdentity(v reflect.Value) bool {
	if !v.IsValid() || !v.CanInterface() {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil()
	case reflect.Struct:
		_, nameable := source(v.Type(), map[string]string{})
		return !nameable && v.Comparable()
	}
	return false
}

// global writes the name of the variable of a package that has this value. It
// reports false when there is none.
func (e *writer) global(v reflect.Value) bool {
	if len(e.globals) == 0 || !hasIdentity(v) {
		return false
	}
	name, ok := e.globals[v.Interface()]
	if ok {
		e.buf.WriteByte(tagGlobal)
		e.string(name)
		e.named[name] = true
	}
	return ok
}

// global reads the value of a variable of a package.
func (d *reader) global(v reflect.Value) error {
	name, err := d.bytes()
	if err != nil {
		return err
	}
	value := d.globals[string(name)]
	if value == nil {
		return fmt.Errorf("it is %.100s, which is not there", name)
	}
	return assign(v, reflect.ValueOf(value))
}

// What a failure wraps.
const (
	wrapsNothing = iota
	wrapsOne
	wrapsMany
)

// failure writes an error of a type that has no name elsewhere.
func (e *writer) failure(held reflect.Value, err error) error {
	s := shared{t: held.Type()}
	if held.Kind() == reflect.Pointer {
		s.p = held.UnsafePointer()
		if n, ok := e.seen[s]; ok {
			e.buf.WriteByte(tagSeen)
			e.uint(n)
			return nil
		}
		e.seen[s] = uint64(len(e.order))
	}
	e.buf.WriteByte(tagFailure)
	e.uint(uint64(len(e.order)))
	e.order, e.owners = append(e.order, s), append(e.owners, e.name)
	e.string(err.Error())
	size, known, path := e.buf.Len(), len(e.order), len(e.path)
	if e.wrapped(err) != nil { // the text is still worth keeping
		e.forget(known)
		e.buf.Truncate(size)
		e.path = e.path[:path]
		e.buf.WriteByte(wrapsNothing)
	}
	return nil
}

// wrapped writes what an error wraps.
func (e *writer) wrapped(err error) error {
	var errs []error
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		e.buf.WriteByte(wrapsOne)
		errs = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		e.buf.WriteByte(wrapsMany)
		errs = err.Unwrap()
		e.uint(uint64(len(errs)))
	default:
		e.buf.WriteByte(wrapsNothing)
	}
	for i := range errs {
		if err := e.inside(part{name: ".Unwrap()"}, reflect.ValueOf(&errs[i]).Elem()); err != nil {
			return err
		}
	}
	return nil
}

// wrapsError and wrapsErrors stand for errors of other types that wrap errors.
type (
	wrapsError struct {
		text string
		err  error
	}
	wrapsErrors struct {
		text string
		errs []error
	}
)

func (e *wrapsError) Error() string    { return e.text }
func (e *wrapsError) Unwrap() error    { return e.err }
func (e *wrapsErrors) Error() string   { return e.text }
func (e *wrapsErrors) Unwrap() []error { return e.errs }

// failure reads what failure wrote.
func (d *reader) failure(v reflect.Value) error {
	n, err := d.uint()
	if err != nil {
		return err
	}
	text, err := d.bytes()
	if err != nil {
		return err
	}
	how, err := d.take(1)
	if err != nil {
		return err
	}
	keep := func(made error) {
		d.seen[n] = reflect.ValueOf(made)
	}
	switch how[0] {
	case wrapsNothing:
		keep(errors.New(string(text)))
	case wrapsOne:
		made := &wrapsError{text: string(text)}
		keep(made)
		if err := d.value(reflect.ValueOf(&made.err).Elem()); err != nil {
			return err
		}
	case wrapsMany:
		count, err := d.uint()
		if err != nil {
			return err
		}
		if count > uint64(len(d.b)) { // each takes at least a byte
			return errShort
		}
		made := &wrapsErrors{text: string(text), errs: make([]error, count)}
		keep(made)
		for i := range made.errs {
			if err := d.value(reflect.ValueOf(&made.errs[i]).Elem()); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("damaged: an error that wraps in the way %d", how[0])
	}
	return assign(v, d.seen[n])
}
