package ipywidgets

import (
	"errors"
	"fmt"
	"reflect"
)

// A Bounds is a range of numbers for Interact.
type Bounds struct{ min, max, step, value float64 }

// Range makes a slider of Interact go from min to max, and begin in the middle.
func Range[T int | float64](min, max T) Bounds {
	return Bounds{min: float64(min), max: float64(max), value: float64(min + (max-min)/2)}
}

// Step makes the slider move in steps.
func (b Bounds) Step(step float64) Bounds { b.step = step; return b }

// From makes the slider begin elsewhere.
func (b Bounds) From(value float64) Bounds { b.value = value; return b }

// named is an argument with a label.
type named struct {
	name     string
	argument any
}

// Named gives the control for a parameter a label. Without an argument the
// control is the one for the parameter's type.
func Named(name string, argument ...any) any {
	n := named{name: name}
	if len(argument) > 0 {
		n.argument = argument[0]
	}
	return n
}

// A control is the widget for a parameter.
type control struct {
	Widget
	trait string // that is watched
	value func() reflect.Value
}

// A valued is a widget with a value.
type valued interface {
	Widget
	current() (value any, trait string)
}

// labels are those of parameters without a name: Go's programs do not hold the names.
var labels = []string{"x", "y", "z", "u", "v", "w"}

// controlFor makes the control for parameter number i.
func controlFor(t reflect.Type, argument any, i int) (c control, err error) {
	label := fmt.Sprint("x", i+1)
	if i < len(labels) {
		label = labels[i]
	}
	if n, ok := argument.(named); ok {
		label, argument = n.name, n.argument
	}
	w, given := argument.(valued)
	if !given {
		if w, err = widgetFor(t, argument, Traits{"description": label}); err != nil {
			return c, err
		}
	}
	value, trait := w.current()
	if v := reflect.ValueOf(value); value != nil && !v.CanConvert(t) || given && value != nil && v.Type() != t {
		return c, fmt.Errorf("the widget's value is a %T", value)
	}
	return control{w, trait, func() reflect.Value {
		value, _ := w.current()
		if value == nil {
			return reflect.Zero(t)
		}
		return reflect.ValueOf(value).Convert(t)
	}}, nil
}

// widgetFor makes a widget for a parameter.
func widgetFor(t reflect.Type, argument any, traits Traits) (valued, error) {
	v := reflect.ValueOf(argument)
	if argument != nil && v.Kind() == reflect.Slice && v.Type() != t {
		if !v.Type().Elem().AssignableTo(t) {
			return nil, fmt.Errorf("elements of a %T are of another type", argument)
		}
		options := make([]any, v.Len())
		for i := range options {
			options[i] = v.Index(i).Interface()
		}
		return NewDropdown(options, traits), nil
	}
	bounds, isBounds := argument.(Bounds)
	if argument != nil && !isBounds {
		if !v.CanConvert(t) || v.Kind() == reflect.String != (t.Kind() == reflect.String) {
			return nil, fmt.Errorf("a %T is no value of it", argument)
		}
		v = v.Convert(t)
	}
	switch {
	case t.Kind() == reflect.Bool && !isBounds:
		return NewCheckbox(argument != nil && v.Bool(), "", traits), nil
	case t.Kind() == reflect.String && !isBounds:
		var s string
		if argument != nil {
			s = v.String()
		}
		return NewText(s, traits), nil
	case reflect.Zero(t).CanInt():
		switch {
		case argument == nil:
			bounds = Range(0, 100)
		case !isBounds:
			bounds = around(float64(v.Int()))
		}
		if bounds.step > 0 {
			traits["step"] = int(bounds.step)
		}
		return NewIntSlider(int(bounds.value), int(bounds.min), int(bounds.max), traits), nil
	case reflect.Zero(t).CanFloat():
		switch {
		case argument == nil:
			bounds = Range(0, 1.0)
		case !isBounds:
			bounds = around(v.Float())
		}
		if bounds.step > 0 {
			traits["step"] = bounds.step
		}
		return NewFloatSlider(bounds.value, bounds.min, bounds.max, traits), nil
	case isBounds:
		return nil, errors.New("a Range is for numbers")
	}
	return nil, errors.New("give a slice of values to choose from, or a widget")
}

// around are the bounds of a slider that begins at a value, as ipywidgets has them.
func around(value float64) Bounds {
	switch {
	case value > 0:
		return Bounds{min: -value, max: 3 * value, value: value}
	case value < 0:
		return Bounds{min: 3 * value, max: -value, value: value}
	}
	return Bounds{max: 1}
}
