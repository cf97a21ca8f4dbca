package lora

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"modelbook/dl"
	"modelbook/dl/lm"
)

// The files of a folder, and what stands before the names of modules in them.
const (
	configFile  = "adapter_config.json"
	weightsFile = "adapter_model.safetensors"
	prefix      = "base_model.model."
)

// maxConfig bounds an adapter_config.json, which has about 1 kB.
const maxConfig = 1 << 20

// fileConfig is an adapter_config.json of peft.
type fileConfig struct {
	PeftType      string  `json:"peft_type"`
	TaskType      *string `json:"task_type"`
	Base          *string `json:"base_model_name_or_path"`
	InferenceMode bool    `json:"inference_mode"`

	R             int      `json:"r"`
	LoraAlpha     float64  `json:"lora_alpha"`
	LoraDropout   float64  `json:"lora_dropout"`
	TargetModules targets  `json:"target_modules"`
	ModulesToSave []string `json:"modules_to_save"`
	UseRslora     bool     `json:"use_rslora"`

	FanInFanOut     bool               `json:"fan_in_fan_out"` // of the model's matrices; the additions are the same
	Bias            string             `json:"bias"`
	InitLoraWeights any                `json:"init_lora_weights"`
	RankPattern     map[string]int     `json:"rank_pattern"`
	AlphaPattern    map[string]float64 `json:"alpha_pattern"`

	UseDora  bool `json:"use_dora,omitempty"`
	LoraBias bool `json:"lora_bias,omitempty"`
}

// targets are a list, or a regular expression.
type targets struct {
	list    []string
	pattern string
}

// MarshalJSON writes a list or a text.
func (t targets) MarshalJSON() ([]byte, error) {
	if t.pattern != "" {
		return json.Marshal(t.pattern)
	}
	return json.Marshal(t.list)
}

// UnmarshalJSON reads a list, a text, or null.
func (t *targets) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &t.pattern); err == nil {
		if t.pattern == AllLinear {
			*t = targets{list: []string{AllLinear}}
		}
		return nil
	}
	return json.Unmarshal(b, &t.list)
}

// Save writes the adapters to a folder, which it makes if needed, as peft's save_pretrained: adapter_config.json and
// adapter_model.safetensors, which peft's PeftModel.from_pretrained reads. The model itself is not in it.
func (a *Adapters) Save(dir string) error {
	var tensors []dl.Named
	for i, l := range a.Layers {
		name := prefix + a.slots[i].Name
		tensors = append(tensors, dl.Named{Name: name + ".lora_A.weight", Tensor: l.A.Value.Detach()},
			dl.Named{Name: name + ".lora_B.weight", Tensor: l.B.Value.Detach()})
	}
	for _, p := range a.saved {
		tensors = append(tensors, dl.Named{Name: prefix + p.Name, Tensor: p.Value.Detach()})
	}
	c := fileConfig{PeftType: "LORA", R: a.Config.Rank, LoraAlpha: a.Config.Alpha, LoraDropout: a.Config.Dropout,
		TargetModules: targets{a.Config.Targets, a.Config.Pattern}, ModulesToSave: a.Config.ModulesToSave, UseRslora: a.Config.RankStabilized,
		InferenceMode: true, Bias: "none", InitLoraWeights: true, RankPattern: map[string]int{}, AlphaPattern: map[string]float64{}}
	for i, l := range a.Layers { // of layers with a rank of their own, from a file of peft's
		if r := l.A.Value.Dim(0); r != a.Config.Rank {
			c.RankPattern[a.slots[i].Name] = r
		}
	}
	if len(a.Layers) > 0 {
		base, ok := a.Layers[0].Base.(*lm.Linear)
		c.FanInFanOut = ok && base.InFirst
	}
	if t := task(a.model); t != "" {
		c.TaskType = &t
	}
	if a.Config.Base != "" {
		c.Base = &a.Config.Base
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := dl.SaveSafetensors(filepath.Join(dir, weightsFile), tensors, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, configFile), append(b, '\n'), 0o644)
}

// task is peft's name for what a model is for.
func task(m lm.Model) string {
	switch m := m.(type) {
	case lm.Decoder:
		return "CAUSAL_LM"
	case *lm.BERT:
		switch m.Config.Architectures[0] {
		case lm.BertForSequenceClassification:
			return "SEQ_CLS"
		case lm.BertForTokenClassification:
			return "TOKEN_CLS"
		}
	}
	return ""
}

// Load puts the adapters of a folder into a model, as peft's PeftModel.from_pretrained with is_trainable: all else is
// frozen, and they can be trained on.
func Load(dir string, m lm.Model) (*Adapters, error) {
	if m == nil {
		return nil, errors.New("lora.Load: the model is nil")
	}
	f, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, weightsFile)
	if _, err := os.Stat(path); err != nil {
		if _, old := os.Stat(filepath.Join(dir, "adapter_model.bin")); old == nil {
			return nil, fmt.Errorf("%s has no %s; adapter_model.bin is a program's pickle, which is not read: save_pretrained of peft writes safetensors", dir, weightsFile)
		}
		return nil, err
	}
	w, err := dl.OpenSafetensors(path)
	if err != nil {
		return nil, err
	}
	a, err := f.load(m, w)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// readConfig reads an adapter_config.json, and refuses what would be computed otherwise than here.
func readConfig(dir string) (*fileConfig, error) {
	path := filepath.Join(dir, configFile)
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("a folder of adapters has an %s and an %s: %w", configFile, weightsFile, err)
	}
	if st.Size() > maxConfig {
		return nil, fmt.Errorf("%s: a configuration of %d bytes is too long", path, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f fileConfig
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, wrong := range []struct {
		is   bool
		what string
	}{
		{f.PeftType != "LORA", fmt.Sprintf("the peft_type is %q; LORA is known", f.PeftType)},
		{f.UseDora, "use_dora is set, which is not known here"},
		{f.LoraBias, "lora_bias is set, which is not known here"},
		{f.Bias != "none" && f.Bias != "", fmt.Sprintf("bias is %q; additions to biases are not known here", f.Bias)},
		{len(f.AlphaPattern) > 0, "alpha_pattern is not known here; all additions count as lora_alpha says"},
		{f.R < 1, fmt.Sprintf("r is %d; it is 1 or more", f.R)},
	} {
		if wrong.is {
			return nil, fmt.Errorf("%s: %s", path, wrong.what)
		}
	}
	return &f, nil
}

// load puts the tensors of a file into a model. The names of the file say which matrices have additions.
func (f *fileConfig) load(m lm.Model, w *dl.SafetensorsFile) (*Adapters, error) {
	c := Config{Rank: f.R, Alpha: f.LoraAlpha, Dropout: f.LoraDropout, Targets: f.TargetModules.list, Pattern: f.TargetModules.pattern,
		ModulesToSave: f.ModulesToSave, RankStabilized: f.UseRslora}
	if f.Base != nil {
		c.Base = *f.Base
	}
	if c.Alpha == 0 { // Config would take it for the default
		return nil, errors.New("lora_alpha is 0: the additions would not count")
	}
	c = c.defaults(m)
	if err := c.check(); err != nil {
		return nil, err
	}
	shapes := map[string]dl.Shape{}
	for _, info := range w.Tensors() {
		if d, ok := info.As(); !ok || !d.IsFloat() {
			return nil, fmt.Errorf("the tensor %s is of %s; additions are floats", info.Name, info.DType)
		}
		shapes[info.Name] = info.Shape
	}
	rank := map[string]int{}
	var slots []lm.Slot
	for _, s := range lm.Projections(m) {
		shapeA, okA := shapes[prefix+s.Name+".lora_A.weight"]
		shapeB, okB := shapes[prefix+s.Name+".lora_B.weight"]
		if !okA && !okB {
			continue
		}
		base, ok := (*s.At).(sized)
		if !ok {
			return nil, fmt.Errorf("a %T stands in the place of %s, which has no method Sizes() (in, out int)", *s.At, s.Name)
		}
		in, out := base.Sizes()
		if len(shapeA) != 2 || shapeA[0] < 1 || !shapeA.Equal(dl.Shape{shapeA[0], in}) || !shapeB.Equal(dl.Shape{out, shapeA[0]}) {
			return nil, fmt.Errorf("the addition of %s has shapes %v and %v; [rank %d] and [%d rank] are needed: is it of another model?", s.Name, shapeA, shapeB, in, out)
		}
		rank[s.Name] = shapeA[0]
		slots = append(slots, s)
	}
	if len(slots) == 0 {
		return nil, fmt.Errorf("there is no addition for this model, whose matrices have names such as %s; the file has %s",
			lm.Projections(m)[0].Name, some(shapes))
	}
	a, err := add(m, c, slots, func(s lm.Slot) int { return rank[s.Name] })
	if err != nil {
		return nil, err
	}
	if err := a.fill(w, shapes); err != nil {
		a.Unload()
		return nil, err
	}
	return a, nil
}

// fill reads the tensors, of which none may be left over.
func (a *Adapters) fill(w *dl.SafetensorsFile, shapes map[string]dl.Shape) error {
	to := map[string]*dl.Tensor{}
	for i, l := range a.Layers {
		to[prefix+a.slots[i].Name+".lora_A.weight"], to[prefix+a.slots[i].Name+".lora_B.weight"] = l.A.Value, l.B.Value
	}
	for _, p := range a.saved {
		if _, ok := shapes[prefix+p.Name]; !ok {
			return fmt.Errorf("there is no tensor %s, which modules_to_save asks for", prefix+p.Name)
		}
		to[prefix+p.Name] = p.Value
	}
	for name, shape := range shapes {
		t := to[name]
		switch {
		case t == nil:
			return fmt.Errorf("the tensor %s belongs to no matrix of this model", name)
		case !t.Shape().Equal(shape):
			return fmt.Errorf("the tensor %s is %v; this model needs %v", name, shape, t.Shape())
		}
	}
	for name, t := range to {
		v, err := w.Read(name)
		if err != nil {
			return err
		}
		t.CopyFrom(v)
	}
	return nil
}

// some are a few of the names, in their order.
func some(shapes map[string]dl.Shape) string {
	var all []string
	for name := range shapes {
		all = append(all, name)
	}
	slices.Sort(all)
	if len(all) > 3 {
		all = append(all[:3], "...")
	}
	return strings.Join(all, ", ")
}
