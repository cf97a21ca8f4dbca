package preprocess

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"github.com/google/renameio/v2"

	"modelbook/dl"
	"modelbook/dl/data/table"
)

// Pipeline is steps one after the other, each of which is fitted to what the ones before it make.
type Pipeline struct{ Steps []Step }

// NewPipeline makes a pipeline of steps.
func NewPipeline(steps ...Step) *Pipeline {
	for i, s := range steps {
		if s == nil {
			dl.PanicValue("preprocess.NewPipeline", "step %d is nil", i)
		}
	}
	return &Pipeline{Steps: steps}
}

// Fit fits each step: see [Step].
func (p *Pipeline) Fit(t *table.Table) error {
	_, err := p.FitTransform(t)
	return err
}

// FitTransform fits each step to the table, the training part, and prepares it.
func (p *Pipeline) FitTransform(t *table.Table) (*table.Table, error) {
	if err := p.given(t); err != nil {
		return nil, err
	}
	var err error
	for i, s := range p.Steps {
		if err = s.Fit(t); err == nil {
			t, err = s.Transform(t)
		}
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
	}
	return t, nil
}

// Transform prepares a table with what was learnt: see [Step].
func (p *Pipeline) Transform(t *table.Table) (*table.Table, error) {
	if err := p.given(t); err != nil {
		return nil, err
	}
	var err error
	for i, s := range p.Steps {
		if t, err = s.Transform(t); err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
	}
	return t, nil
}

// given is an error when a step or the table is nil.
func (p *Pipeline) given(t *table.Table) error {
	for i, s := range p.Steps {
		if s == nil {
			return fmt.Errorf("preprocess: step %d is nil", i)
		}
	}
	return given("preprocess.Pipeline", t)
}

// kinds are the steps that can be saved, by name.
var kinds = map[string]func() Step{
	"StandardScaler":   func() Step { return &StandardScaler{} },
	"MinMaxScaler":     func() Step { return &MinMaxScaler{} },
	"RobustScaler":     func() Step { return &RobustScaler{} },
	"Log":              func() Step { return &Log{} },
	"OneHotEncoder":    func() Step { return &OneHotEncoder{} },
	"OrdinalEncoder":   func() Step { return &OrdinalEncoder{} },
	"SimpleImputer":    func() Step { return &SimpleImputer{} },
	"KBinsDiscretizer": func() Step { return &KBinsDiscretizer{} },
}

// version is that of the format: readers refuse one they do not know.
const version = 1

type saved struct {
	Version int
	Steps   []savedStep
}

type savedStep struct {
	Kind string
	Step json.RawMessage
}

// MarshalJSON writes the steps with their settings and what they have learnt. A step of another package is an error.
func (p *Pipeline) MarshalJSON() ([]byte, error) {
	out := saved{Version: version, Steps: []savedStep{}}
	for i, s := range p.Steps {
		t := reflect.TypeOf(s)
		if t == nil || t.Kind() != reflect.Pointer {
			return nil, fmt.Errorf("preprocess: step %d is a %T, which cannot be saved", i, s)
		}
		name := t.Elem().Name()
		if known := kinds[name]; known == nil || reflect.TypeOf(known()) != t {
			return nil, fmt.Errorf("preprocess: step %d is a %T, which cannot be saved", i, s)
		}
		b, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("preprocess: step %d: %w", i, err)
		}
		out.Steps = append(out.Steps, savedStep{name, b})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON has written. An unknown kind of step, field or version is an error.
func (p *Pipeline) UnmarshalJSON(b []byte) error {
	var in saved
	if err := strict(b, &in); err != nil {
		return err
	}
	if in.Version != version {
		return fmt.Errorf("preprocess: version %d of the format; this program knows %d", in.Version, version)
	}
	steps := []Step{}
	for i, s := range in.Steps {
		known := kinds[s.Kind]
		if known == nil {
			return fmt.Errorf("preprocess: step %d is of an unknown kind, %q", i, s.Kind)
		}
		step := known()
		if err := strict(s.Step, step); err != nil {
			return fmt.Errorf("preprocess: step %d: %w", i, err)
		}
		steps = append(steps, step)
	}
	p.Steps = steps
	return nil
}

func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// Text is the pipeline as JSON, for the metadata of a safetensors file: see [Parse]. It panics when a step of another
// package is in it; MarshalJSON returns that as an error.
func (p *Pipeline) Text() string {
	b, err := json.Marshal(p)
	if err != nil {
		dl.PanicValue("preprocess.Pipeline.Text", "%v", err)
	}
	return string(b)
}

// Parse makes a pipeline of what Text has written.
func Parse(text string) (*Pipeline, error) {
	p := &Pipeline{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, err
	}
	return p, nil
}

// Save writes the pipeline to a file, which is there whole or not at all.
func (p *Pipeline) Save(path string) error {
	b, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, append(b, '\n'), 0o644, renameio.WithExistingPermissions())
}

// maxFile is the size above which Load refuses a file.
const maxFile = 64 << 20

// Load reads a file that Save has written.
func Load(path string) (*Pipeline, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %d bytes are too many for a pipeline", path, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s holds no pipeline that Save has written: %w", path, err)
	}
	return p, nil
}
