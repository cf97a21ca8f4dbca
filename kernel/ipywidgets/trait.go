package ipywidgets

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A form is the type of a trait's values. The Go type of each stands beside it.
type form int

const (
	boolean form = iota // bool
	integer             // int
	number              // float64
	text                // string
	raw                 // []byte; goes beside the message
	widget              // *Base
	widgets             // []*Base
	texts               // []string
	objects             // []map[string]any
	end                 // Trait: one end of a link
)

var formNames = [...]string{"bool", "int", "float", "string", "bytes", "reference", "array of reference", "array of string", "array of object", "array"}

func (f form) String() string { return formNames[f] }

// A trait is one part of a widget's state.
type trait struct {
	name     string
	form     form
	initial  any      // in the form's Go type, or nil
	none     bool     // may be nil
	choices  []string // of a text, or nil for any
	instance string   // of a widget: the kind that is made for it
}

// A kind is what widgets of one type have in common.
type kind struct {
	name, view, module, version string // view is "" for what is not drawn
	viewModule                  string // "" for the same
	traits                      []trait
}

func (k *kind) trait(name string) (trait, error) {
	for _, t := range k.traits {
		if t.name == name {
			return t, nil
		}
	}
	var names []string
	for _, t := range k.traits {
		if !strings.HasPrefix(t.name, "_") {
			names = append(names, t.name)
		}
	}
	return trait{}, fmt.Errorf("ipywidgets: %s has no trait %q; it has %s", k.name, name, strings.Join(names, ", "))
}

// value makes a value of the trait's Go type of what a program gives.
func (t trait) value(v any) (any, error) {
	if r := reflect.ValueOf(v); v == nil || r.Kind() == reflect.Pointer && r.IsNil() {
		if t.none {
			return nil, nil
		}
		return nil, fmt.Errorf("ipywidgets: %s cannot be nil", t.name)
	}
	switch t.form {
	case boolean:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case integer:
		switch r := reflect.ValueOf(v); {
		case r.CanInt():
			return int(r.Int()), nil
		case r.CanUint():
			return int(r.Uint()), nil
		}
	case number:
		switch r := reflect.ValueOf(v); {
		case r.CanInt():
			return float64(r.Int()), nil
		case r.CanUint():
			return float64(r.Uint()), nil
		case r.CanFloat() && (math.IsNaN(r.Float()) || math.IsInf(r.Float(), 0)):
			return nil, fmt.Errorf("ipywidgets: %s cannot be %v", t.name, v)
		case r.CanFloat():
			return r.Float(), nil
		}
	case text:
		s, ok := v.(string)
		if ok && t.choices != nil && !slices.Contains(t.choices, s) {
			return nil, fmt.Errorf("ipywidgets: %s cannot be %q; it can be %q", t.name, s, t.choices)
		}
		if ok {
			return strings.ToValidUTF8(s, "\uFFFD"), nil
		}
	case raw:
		if b, ok := v.([]byte); ok {
			return slices.Clone(b), nil
		}
	case widget:
		if w, ok := v.(Widget); ok {
			return w.base(), nil
		}
	case widgets:
		if all, ok := v.([]Widget); ok {
			bases := make([]*Base, len(all))
			for i, w := range all {
				if w == nil {
					return nil, fmt.Errorf("ipywidgets: number %d of %s is nil", i, t.name)
				}
				bases[i] = w.base()
			}
			return bases, nil
		}
	case texts:
		if all, ok := v.([]string); ok {
			return slices.Clone(all), nil
		}
	case objects:
		if all, ok := v.([]map[string]any); ok {
			return all, nil
		}
	case end:
		if e, ok := v.(Trait); ok && e.Of != nil {
			return e, nil
		}
	}
	return nil, fmt.Errorf("ipywidgets: %s is of type %v; %#v is a %T", t.name, t.form, v, v)
}

const reference = "IPY_MODEL_" // begins what stands for a widget in a state

// encode makes what JSON takes of a value. Bytes are not part of it.
func (t trait) encode(v any) any {
	switch v := v.(type) {
	case *Base:
		return reference + v.id
	case []*Base:
		all := make([]string, len(v))
		for i, b := range v {
			all[i] = reference + b.id
		}
		return all
	case Trait:
		return []string{reference + v.Of.ID(), v.Name}
	case nil:
		if t.form == end {
			return []any{}
		}
	}
	return v
}

// decode reads a value that a front end has sent.
func (t trait) decode(data json.RawMessage) (any, error) {
	if string(data) == "null" {
		return t.value(nil)
	}
	switch t.form {
	case boolean:
		return decoded[bool](t, data)
	case integer:
		v, err := decoded[float64](t, data)
		if f, ok := v.(float64); ok {
			return int(math.Round(f)), nil
		}
		return nil, err
	case number:
		return decoded[float64](t, data)
	case text:
		v, err := decoded[string](t, data)
		if err != nil {
			return nil, err
		}
		return t.value(v)
	case texts:
		return decoded[[]string](t, data)
	case objects:
		return decoded[[]map[string]any](t, data)
	case widget:
		v, err := decoded[string](t, data)
		if err != nil {
			return nil, err
		}
		return find(v.(string))
	case widgets:
		v, err := decoded[[]string](t, data)
		if err != nil {
			return nil, err
		}
		all := []*Base{}
		for _, s := range v.([]string) {
			b, err := find(s)
			if err != nil {
				return nil, err
			}
			all = append(all, b)
		}
		return all, nil
	case end:
		v, err := decoded[[]string](t, data)
		if ends, _ := v.([]string); err == nil && len(ends) == 2 {
			b, err := find(ends[0])
			return Trait{b, ends[1]}, err
		}
	}
	return nil, fmt.Errorf("ipywidgets: %s: a front end has sent %.100s", t.name, data)
}

func decoded[T any](t trait, data json.RawMessage) (any, error) {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, fmt.Errorf("ipywidgets: %s: a front end has sent %.100s: %w", t.name, data, err)
	}
	return v, nil
}

// equal reports whether two values of a trait are the same.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []*Base:
		b, ok := b.([]*Base)
		return ok && slices.Equal(a, b)
	case *Base, Trait, nil:
		return a == b
	}
	if _, ok := b.(*Base); ok {
		return false
	}
	return reflect.DeepEqual(a, b)
}
