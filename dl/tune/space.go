package tune

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl"
)

// Space is what is searched: the settings by their names, and what each of them may be.
type Space map[string]Range

// Range is what a setting may be.
type Range interface {
	// Draw is one of the values, at random; a nil r is dl.DefaultRand.
	Draw(r *dl.Rand) any
	// Grid are all the values, for [Grid]; nil where there are too many to be tried.
	Grid() []any
	// Check says what is wrong with the range.
	Check() error
}

// Choice is one of some values, each as probable as another: numbers, texts or bools.
type Choice []any

// Uniform is a number from Low to High, each as probable as another.
type Uniform struct{ Low, High float64 }

// LogUniform is a positive number from Low to High, whose logarithm is uniform: of learning rates, say, as many are
// between 0.001 and 0.01 as between 0.01 and 0.1.
type LogUniform struct{ Low, High float64 }

// Integers are whole numbers from Low to High, both included, at the distance Step (0: 1).
type Integers struct{ Low, High, Step int }

// Draw is one of the values: see [Range].
func (c Choice) Draw(r *dl.Rand) any {
	mustBe(c)
	return c[source(r).IntN(len(c))]
}

// Draw is one of the values: see [Range].
func (u Uniform) Draw(r *dl.Rand) any {
	mustBe(u)
	return u.Low + (u.High-u.Low)*source(r).Float64()
}

// Draw is one of the values: see [Range].
func (u LogUniform) Draw(r *dl.Rand) any {
	mustBe(u)
	v := math.Exp(math.Log(u.Low) + (math.Log(u.High)-math.Log(u.Low))*source(r).Float64())
	return min(max(v, u.Low), u.High)
}

// Draw is one of the values: see [Range].
func (i Integers) Draw(r *dl.Rand) any {
	mustBe(i)
	return i.Low + source(r).IntN(i.count())*max(i.Step, 1)
}

// mustBe panics for a range that is none.
func mustBe(r Range) {
	if err := r.Check(); err != nil {
		dl.PanicValue("tune.Range.Draw", "%v", err)
	}
}

// source is r, or dl's default source where it is nil.
func source(r *dl.Rand) *dl.Rand {
	if r == nil {
		return dl.DefaultRand()
	}
	return r
}

func (i Integers) count() int { return (i.High-i.Low)/max(i.Step, 1) + 1 }

// Grid are all the values: see [Range].
func (c Choice) Grid() []any { return c }

// Grid is nil: see [Range].
func (u Uniform) Grid() []any { return nil }

// Grid is nil: see [Range].
func (u LogUniform) Grid() []any { return nil }

// Grid are all the values: see [Range].
func (i Integers) Grid() (all []any) {
	if i.Check() != nil || i.count() > mostTrials {
		return nil
	}
	for k := range i.count() {
		all = append(all, i.Low+k*max(i.Step, 1))
	}
	return all
}

// Check says what is wrong with the range: see [Range].
func (c Choice) Check() error {
	if len(c) == 0 {
		return fmt.Errorf("a Choice of nothing")
	}
	for _, v := range c {
		switch v.(type) {
		case int, float64, string, bool:
		default:
			return fmt.Errorf("a Choice of %v, a %T: it is of int, float64, string or bool; of other things let it be of their names", v, v)
		}
	}
	return nil
}

// Check says what is wrong with the range: see [Range].
func (u Uniform) Check() error {
	if !(u.Low < u.High) || math.IsInf(u.High-u.Low, 0) {
		return fmt.Errorf("Uniform from %v to %v", u.Low, u.High)
	}
	return nil
}

// Check says what is wrong with the range: see [Range].
func (u LogUniform) Check() error {
	if !(u.Low > 0 && u.Low < u.High) || math.IsInf(u.High, 0) {
		return fmt.Errorf("LogUniform from %v to %v: both are positive, and the first is the smaller", u.Low, u.High)
	}
	return nil
}

// Check says what is wrong with the range: see [Range].
func (i Integers) Check() error {
	if i.High < i.Low || i.Step < 0 || i.High-i.Low < 0 || i.count() < 1 {
		return fmt.Errorf("Integers from %d to %d with the step %d", i.Low, i.High, i.Step)
	}
	return nil
}

// names are those of the settings, sorted.
func (s Space) names() []string { return slices.Sorted(maps.Keys(s)) }

func (s Space) check() error {
	if len(s) == 0 {
		return fmt.Errorf("tune: the Space is empty: name the settings to try, such as \"rate\": tune.LogUniform{1e-4, 1e-1}")
	}
	for _, name := range s.names() {
		if isNil(s[name]) {
			return fmt.Errorf("tune: the setting %q has no range", name)
		}
		if err := s[name].Check(); err != nil {
			return fmt.Errorf("tune: the setting %q: %w", name, err)
		}
	}
	return nil
}

// draw chooses settings at random.
func (s Space) draw(r *dl.Rand) Settings {
	settings := Settings{}
	for _, name := range s.names() {
		settings[name] = s[name].Draw(r)
	}
	return settings
}

// Settings are the values of a trial, by name.
type Settings map[string]any

// Float is a number, of any kind. It panics with a *dl.ValueError when there is none of the name, as the others do.
func (s Settings) Float(name string) float64 {
	switch v := s.get(name).(type) {
	case float64:
		return v
	case int:
		return float64(v)
	}
	return s.wrong(name, "number").(float64)
}

// Int is a whole number.
func (s Settings) Int(name string) int {
	if v, ok := s.get(name).(int); ok {
		return v
	}
	return s.wrong(name, "whole number").(int)
}

// Text is a string.
func (s Settings) Text(name string) string {
	if v, ok := s.get(name).(string); ok {
		return v
	}
	return s.wrong(name, "text").(string)
}

// Bool is true or false.
func (s Settings) Bool(name string) bool {
	if v, ok := s.get(name).(bool); ok {
		return v
	}
	return s.wrong(name, "bool").(bool)
}

func (s Settings) get(name string) any {
	v, ok := s[name]
	if !ok {
		dl.PanicValue("tune.Settings", "there is no setting %q; the Space has %s", name, strings.Join(slices.Sorted(maps.Keys(s)), ", "))
	}
	return v
}

func (s Settings) wrong(name, kind string) any {
	dl.PanicValue("tune.Settings", "the setting %q is the %T %v, no %s", name, s[name], s[name], kind)
	return nil
}

// String shows the settings in one line, sorted by name.
func (s Settings) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		parts = append(parts, name+" "+shown(s[name]))
	}
	return strings.Join(parts, ", ")
}

func shown(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', 4, 64)
	}
	return fmt.Sprint(v)
}
