package ipywidgets

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"modelbook/kernel/worker/comm"
	"modelbook/kernel/worker/rt"
)

// A View is what all widgets have that the front end draws.
type View struct{ Base }

// MimeBundle shows the widget as the value of a cell.
func (v *View) MimeBundle() map[string]any {
	return map[string]any{
		viewMIME:     map[string]any{"version_major": 2, "version_minor": 0, "model_id": v.id},
		"text/plain": v.String(),
	}
}

// Layout is the widget's layout; its traits are CSS properties, as "width".
func (v *View) Layout() *Base { return v.part("layout") }

// errNoNotebook is the error of what needs a page.
var errNoNotebook = errors.New("ipywidgets: there is no notebook to show widgets in")

// Show shows widgets in the output of the cell. The error says that the program
// is no cell.
func Show(all ...Widget) error {
	if !comm.Connected() {
		return errNoNotebook
	}
	for _, w := range all {
		rt.Display(w)
	}
	return nil
}

// A Described is a widget with a label at its side.
type Described struct{ View }

// SetDescription changes the label.
func (d *Described) SetDescription(text string) { d.set("description", text) }

// Style is the widget's style: description_width, and other traits that depend
// on the type.
func (d *Described) Style() *Base { return d.part("style") }

// An Input is a widget that can be switched off.
type Input struct{ Described }

// SetDisabled switches the widget off, or on again.
func (i *Input) SetDisabled(disabled bool) { i.set("disabled", disabled) }

// A Variable is a widget's value.
type Variable[T any] struct{ of *Base }

// Value returns the value.
func (v Variable[T]) Value() T {
	value, _ := v.of.Get("value").(T)
	return value
}

// SetValue changes the value; one that is out of bounds becomes the nearest.
func (v Variable[T]) SetValue(value T) { v.of.set("value", value) }

func (v Variable[T]) current() (value any, trait string) { return v.Value(), "value" }

// OnChange makes f be called with each new value, whoever has set it. It may be
// called several times.
func (v Variable[T]) OnChange(f func(value T)) {
	v.of.watch("value", func(value any) { f(value.(T)) })
}

// within keeps the value between min and max.
func within[T int | float64](state map[string]any) {
	least, most := state["min"].(T), state["max"].(T)
	most = max(least, most)
	state["max"] = most
	state["value"] = min(max(state["value"].(T), least), most)
}

// An IntSlider is a slider for whole numbers.
type IntSlider struct {
	Input
	Variable[int]
}

// NewIntSlider makes a slider from min to max.
func NewIntSlider(value, min, max int, traits ...Traits) *IntSlider {
	s := new(IntSlider)
	s.of, s.adjust = &s.Base, within[int]
	s.open("IntSlider", slices.Insert(traits, 0, Traits{"value": value, "min": min, "max": max})...)
	return s
}

// A FloatSlider is a slider for numbers.
type FloatSlider struct {
	Input
	Variable[float64]
}

// NewFloatSlider makes a slider from min to max, in a hundred steps unless the
// trait step says otherwise.
func NewFloatSlider(value, min, max float64, traits ...Traits) *FloatSlider {
	s := new(FloatSlider)
	s.of, s.adjust = &s.Base, within[float64]
	first := Traits{"value": value, "min": min, "max": max}
	if step := (max - min) / 100; step > 0 {
		first["step"] = step
	}
	s.open("FloatSlider", slices.Insert(traits, 0, first)...)
	return s
}

// A FloatLogSlider is a slider for numbers of different sizes, as learning rates.
type FloatLogSlider struct {
	Input
	Variable[float64]
}

// NewFloatLogSlider makes a slider from 10 to the power of min, to 10 to the
// power of max.
func NewFloatLogSlider(value, min, max float64, traits ...Traits) *FloatLogSlider {
	s := new(FloatLogSlider)
	s.of, s.adjust = &s.Base, withinPowers
	s.open("FloatLogSlider", slices.Insert(traits, 0, Traits{"value": value, "min": min, "max": max})...)
	return s
}

func withinPowers(state map[string]any) {
	base, least := state["base"].(float64), state["min"].(float64)
	most := max(least, state["max"].(float64))
	state["max"] = most
	state["value"] = min(max(state["value"].(float64), math.Pow(base, least)), math.Pow(base, most))
}

// A Text is a field for a line.
type Text struct {
	Input
	Variable[string]
}

// NewText makes a field.
func NewText(value string, traits ...Traits) *Text {
	t := new(Text)
	t.of = &t.Base
	t.open("Text", slices.Insert(traits, 0, Traits{"value": value})...)
	return t
}

// OnSubmit makes f be called with the line when the user ends it with Enter.
func (t *Text) OnSubmit(f func(value string)) {
	t.OnMessage(func(content json.RawMessage, _ [][]byte) {
		if event(content) == "submit" {
			f(t.Value())
		}
	})
}

// event is the name of what a custom message tells.
func event(content json.RawMessage) string {
	var m struct {
		Event string `json:"event"`
	}
	if json.Unmarshal(content, &m) != nil {
		return ""
	}
	return m.Event
}

// A Textarea is a field for lines.
type Textarea struct {
	Input
	Variable[string]
}

// NewTextarea makes a field.
func NewTextarea(value string, traits ...Traits) *Textarea {
	t := new(Textarea)
	t.of = &t.Base
	t.open("Textarea", slices.Insert(traits, 0, Traits{"value": value})...)
	return t
}

// A Checkbox is a box to tick.
type Checkbox struct {
	Input
	Variable[bool]
}

// NewCheckbox makes a box.
func NewCheckbox(value bool, description string, traits ...Traits) *Checkbox {
	c := new(Checkbox)
	c.of = &c.Base
	c.open("Checkbox", slices.Insert(traits, 0, Traits{"value": value, "description": description})...)
	return c
}

// A Button is a button.
type Button struct{ Input }

// NewButton makes a button.
func NewButton(description string, traits ...Traits) *Button {
	b := new(Button)
	b.open("Button", slices.Insert(traits, 0, Traits{"description": description})...)
	return b
}

// OnClick makes f be called when the button is clicked, in place of what was
// called before.
func (b *Button) OnClick(f func()) {
	b.OnMessage(func(content json.RawMessage, _ [][]byte) {
		if event(content) == "click" {
			f()
		}
	})
}

// A Dropdown is a list of values of which one is chosen.
type Dropdown[T any] struct {
	Input
	options []T
}

// NewDropdown makes a list, whose first value is chosen. The values are shown as
// fmt.Sprint shows them.
func NewDropdown[T any](options []T, traits ...Traits) *Dropdown[T] {
	d := new(Dropdown[T])
	d.options = slices.Clone(options)
	labels := make([]string, len(options))
	for i, o := range options {
		labels[i] = fmt.Sprint(o)
	}
	first := Traits{"_options_labels": labels}
	if len(options) > 0 {
		first["index"] = 0
	}
	d.adjust = func(state map[string]any) {
		if i, ok := state["index"].(int); ok && (i < 0 || i >= len(options)) {
			state["index"] = nil
		}
	}
	d.open("Dropdown", slices.Insert(traits, 0, first)...)
	return d
}

// Index is the number of the chosen value, -1 for none.
func (d *Dropdown[T]) Index() int {
	if i, ok := d.Get("index").(int); ok {
		return i
	}
	return -1
}

// SetIndex chooses a value by its number; one that there is not chooses none.
func (d *Dropdown[T]) SetIndex(i int) { d.set("index", i) }

// Value is the chosen value, T's zero value for none.
func (d *Dropdown[T]) Value() (value T) {
	if i := d.Index(); i >= 0 {
		return d.options[i]
	}
	return value
}

func (d *Dropdown[T]) current() (value any, trait string) { return d.Value(), "index" }

// OnChange makes f be called with each value that is chosen.
func (d *Dropdown[T]) OnChange(f func(value T)) {
	d.watch("index", func(index any) {
		if i, ok := index.(int); ok {
			f(d.options[i])
		}
	})
}

// An IntProgress is a bar that shows how far something is.
type IntProgress struct {
	Described
	Variable[int]
}

// NewIntProgress makes a bar from min to max.
func NewIntProgress(value, min, max int, traits ...Traits) *IntProgress {
	p := new(IntProgress)
	p.of, p.adjust = &p.Base, within[int]
	p.open("IntProgress", slices.Insert(traits, 0, Traits{"value": value, "min": min, "max": max})...)
	return p
}

// A FloatProgress is a bar that shows how far something is.
type FloatProgress struct {
	Described
	Variable[float64]
}

// NewFloatProgress makes a bar from min to max.
func NewFloatProgress(value, min, max float64, traits ...Traits) *FloatProgress {
	p := new(FloatProgress)
	p.of, p.adjust = &p.Base, within[float64]
	p.open("FloatProgress", slices.Insert(traits, 0, Traits{"value": value, "min": min, "max": max})...)
	return p
}

// An HTML shows HTML.
type HTML struct {
	Described
	Variable[string]
}

// NewHTML makes a place for HTML.
func NewHTML(value string, traits ...Traits) *HTML {
	h := new(HTML)
	h.of = &h.Base
	h.open("HTML", slices.Insert(traits, 0, Traits{"value": value})...)
	return h
}

// A Label shows a line of text, with formulas between dollar signs.
type Label struct {
	Described
	Variable[string]
}

// NewLabel makes a place for text.
func NewLabel(value string, traits ...Traits) *Label {
	l := new(Label)
	l.of = &l.Base
	l.open("Label", slices.Insert(traits, 0, Traits{"value": value})...)
	return l
}
