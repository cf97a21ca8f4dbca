package lm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// LoadOptions say how a model is read from a folder.
type LoadOptions struct {
	// Half keeps weights of half precision as the file has them, and converts them as they are used: half the memory, and
	// slower. Otherwise they are converted to float32 at once.
	Half bool
	// Partial gives parameters that the file lacks random values, as transformers does for a new head, and says which in
	// the Mismatch; otherwise they are an error. What the file has beyond the model is never one.
	Partial bool
	// Copy reads weights into memory of their own, in place of mapping the file.
	Copy bool
}

// Load reads a decoder, a GPT-2 or one of Llama's kind, as the model_type of its config.json says: see [LoadGPT2].
func Load(dir string, o LoadOptions) (Decoder, nn.Mismatch, error) {
	var c struct {
		ModelType string `json:"model_type"`
	}
	if _, err := readConfig(dir, &c); err != nil {
		return nil, nn.Mismatch{}, err
	}
	switch c.ModelType {
	case "gpt2":
		return decoder(LoadGPT2(dir, o))
	case "llama", "mistral", "qwen2":
		return decoder(LoadLlama(dir, o))
	case "bert":
		return nil, nn.Mismatch{}, fmt.Errorf("%s: a BERT says nothing about the next token; use lm.LoadBERT", dir)
	}
	return nil, nn.Mismatch{}, fmt.Errorf("%s: the model_type %q is not known; there are gpt2, llama, mistral, qwen2, and bert by lm.LoadBERT", dir, c.ModelType)
}

// decoder is a model as the interface, which stays nil with an error.
func decoder[D Decoder](m D, diff nn.Mismatch, err error) (Decoder, nn.Mismatch, error) {
	if err != nil {
		return nil, diff, err
	}
	return m, diff, nil
}

// LoadGPT2 reads a GPT-2 from a folder with config.json and model.safetensors, or model.safetensors.index.json and the files
// that this names, as transformers writes them. It returns with the model what model and file do not have in common.
//
// Weights of float32 are mapped, so that a model is there at once and they are in memory once: see [dl.MapSafetensors].
func LoadGPT2(dir string, o LoadOptions) (*GPT2, nn.Mismatch, error) {
	var c GPT2Config
	return load(dir, &o, &c, c.defaults, func(s source) (*GPT2, error) { return c.build(s) }, func() random { return random{c.InitializerRange, c.NLayer, dl.DefaultRand()} })
}

// LoadLlama reads a Llama, a Mistral or a Qwen2: see [LoadGPT2].
func LoadLlama(dir string, o LoadOptions) (*Llama, nn.Mismatch, error) {
	var c LlamaConfig
	return load(dir, &o, &c, c.defaults, func(s source) (*Llama, error) { return c.build(s) }, func() random { return random{c.InitializerRange, 0, dl.DefaultRand()} })
}

// LoadBERT reads a BERT with the head of its architecture: see [LoadGPT2]. To put another head on it, which Partial makes
// random, give its name, as lm.BertForSequenceClassification; the number of labels is then that of the config's id2label, or
// labels if it is not 0.
func LoadBERT(dir string, o LoadOptions) (*BERT, nn.Mismatch, error) {
	return LoadBERTAs(dir, "", 0, o)
}

// LoadBERTAs is [LoadBERT] with the head of another architecture, for so many labels: a new head begins with random values,
// and its names are in the Mismatch.
func LoadBERTAs(dir, architecture string, labels int, o LoadOptions) (*BERT, nn.Mismatch, error) {
	var c BERTConfig
	defaults := func() error {
		if architecture != "" && (c.Architectures == nil || c.Architectures[0] != architecture) {
			c.Architectures = []string{architecture}
			o.Partial = true
		}
		if labels != 0 {
			c.NumLabels, c.ID2Label = labels, nil
		}
		return c.defaults()
	}
	return load(dir, &o, &c, defaults, func(s source) (*BERT, error) { return c.build(s) }, func() random { return random{c.InitializerRange, 0, dl.DefaultRand()} })
}

// load reads a model with a configuration.
func load[M Model](dir string, o *LoadOptions, config any, defaults func() error, build func(source) (M, error), fill func() random) (m M, diff nn.Mismatch, err error) {
	more, err := readConfig(dir, config)
	if err != nil {
		return m, diff, err
	}
	if err := defaults(); err != nil {
		return m, diff, fmt.Errorf("%s: %w", dir, err)
	}
	f, path, err := openWeights(dir, o.Copy)
	if err != nil {
		return m, diff, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s := newFileSource(f, *o, fill())
	if err := checkShapes(s, build); err != nil {
		return m, diff, fmt.Errorf("%s: %w", path, err)
	}
	made, err := build(s)
	diff = s.diff()
	if err == nil && len(diff.Missing) > 0 && !o.Partial {
		err = fmt.Errorf("names do not match (set Partial to give random values to what is missing): %v", diff)
	}
	if err != nil {
		return m, diff, fmt.Errorf("%s: %w", path, err)
	}
	made.states().more = more
	return made, diff, nil
}

// openWeights opens the file of weights of a folder.
func openWeights(dir string, copied bool) (f *dl.SafetensorsFile, path string, err error) {
	for _, name := range []string{"model.safetensors", "model.safetensors.index.json"} {
		path = filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if copied {
			f, err = dl.OpenSafetensors(path)
		} else {
			f, err = dl.MapSafetensors(path)
		}
		return f, path, err
	}
	hint := ""
	if _, err := os.Stat(filepath.Join(dir, "pytorch_model.bin")); err == nil {
		hint = "; pytorch_model.bin is a program's pickle, which is not read: model.save_pretrained(folder) of transformers writes safetensors"
	}
	return nil, "", fmt.Errorf("%s has neither model.safetensors nor model.safetensors.index.json%s", dir, hint)
}

// fileSource takes parameters from a file.
type fileSource struct {
	f       *dl.SafetensorsFile
	o       LoadOptions
	random  random
	shapes  map[string]dl.Shape // of the file's tensors
	taken   map[string]bool
	missing []string
}

func newFileSource(f *dl.SafetensorsFile, o LoadOptions, r random) *fileSource {
	s := &fileSource{f: f, o: o, random: r, shapes: map[string]dl.Shape{}, taken: map[string]bool{}}
	for _, info := range f.Tensors() {
		s.shapes[info.Name] = info.Shape
	}
	return s
}

// find is the name in the file of a parameter: files of models without a head have no first part, as GPT-2's published
// one, and early ones of BERT call a norm's parameters gamma and beta.
func (s *fileSource) find(name string) (string, bool) {
	names := []string{name}
	for _, prefix := range []string{"transformer.", "bert.", "model."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			names = append(names, rest)
		}
	}
	for _, n := range names {
		if _, ok := s.shapes[n]; ok {
			return n, true
		}
		old := strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace(n)
		if _, ok := s.shapes[old]; ok {
			return old, true
		}
	}
	return "", false
}

// checkSource looks at the shapes only.
type checkSource struct{ *fileSource }

func (c checkSource) tensor(name string, _ begin, shape dl.Shape) (*dl.Tensor, error) {
	file, ok := c.find(name)
	if ok && !c.shapes[file].Equal(shape) {
		return nil, fmt.Errorf("the tensor %s is %v; with this config.json the model needs %v", file, c.shapes[file], shape)
	}
	if !ok && !c.o.Partial {
		c.missing = append(c.missing, name)
		if len(c.missing) > 1000 {
			return nil, fmt.Errorf("there are no tensors %s, ... of this model", strings.Join(c.missing[:3], ", "))
		}
	}
	return dl.Zeros(0), nil
}

// checkShapes compares all shapes before any memory is taken.
func checkShapes[M Model](s *fileSource, build func(source) (M, error)) error {
	_, err := build(checkSource{s})
	s.missing = nil
	return err
}

func (s *fileSource) tensor(name string, kind begin, shape dl.Shape) (*dl.Tensor, error) {
	file, ok := s.find(name)
	if !ok {
		s.missing = append(s.missing, name)
		if !s.o.Partial { // it will be an error
			return dl.Zeros(0), nil
		}
		return s.random.tensor(name, kind, shape)
	}
	s.taken[file] = true
	t, err := s.f.Read(file)
	if err != nil {
		return nil, err
	}
	if !t.DType().IsFloat() {
		return nil, fmt.Errorf("the tensor %s is of %v; weights are floats (quantized models are read from GGUF files)", file, t.DType())
	}
	if half := t.DType() == dl.Float16 || t.DType() == dl.BFloat16; half && s.o.Half {
		return t, nil
	}
	return t.To(dl.Float32), nil
}

// diff says what model and file do not have in common.
func (s *fileSource) diff() nn.Mismatch {
	d := nn.Mismatch{Missing: s.missing}
	for _, info := range s.f.Tensors() {
		if !s.taken[info.Name] && !computed(info.Name) {
			d.Unexpected = append(d.Unexpected, info.Name)
		}
	}
	return d
}

// computed says of a file's tensor that the model computes it, or has it under another name.
func computed(name string) bool {
	for _, suffix := range []string{".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq", "embeddings.position_ids", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return name == "lm_head.weight" // of tied embeddings
}
