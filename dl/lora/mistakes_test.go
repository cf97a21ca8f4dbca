package lora

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// odd is a projection that does not know its sizes.
type odd struct{ lm.Projection }

func TestMistakesAreErrors(t *testing.T) {
	for what, c := range map[string]Config{
		"Rank is -1":                         {Rank: -1},
		"more than 48 have no use":           {Rank: 1 << 40},
		"Dropout is 1":                       {Dropout: 1},
		"Alpha is NaN":                       {Alpha: nan()},
		"no matrix is called \"q_proj\"":     {Targets: []string{"q_proj"}},
		"there are c_attn, c_proj, c_fc":     {Targets: []string{"attn"}},
		"no matrix matches \"x.*\"":          {Pattern: "x.*"},
		"Pattern: error parsing":             {Pattern: "("},
		"not both":                           {Pattern: ".*", Targets: []string{"c_attn"}},
		"no part of the model is called \"x": {ModulesToSave: []string{"x"}},
		"no matrix matches \"\"":             {Targets: []string{}},
	} {
		m := model(t)
		if _, err := Add(m, c); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%+v: the error is %v, want one that says %q", c, err, what)
		}
		if n := nn.Count(m).Frozen; n != 0 {
			t.Errorf("%+v: %d parameters are frozen after an error", c, n)
		}
	}
	if _, err := Add(nil, Config{}); err == nil {
		t.Error("no model is no error")
	}
	m := model(t)
	if _, err := Add(m, Config{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Add(m, Config{Targets: []string{"c_fc"}}); err == nil || !strings.Contains(err.Error(), "has additions already") {
		t.Error(err)
	}
	m = model(t)
	for _, s := range lm.Projections(m) {
		*s.At = odd{*s.At}
	}
	if _, err := Add(m, Config{}); err == nil || !strings.Contains(err.Error(), "Sizes()") {
		t.Error(err)
	}
	half, _, err := lm.LoadGPT2(halved(t), lm.LoadOptions{Half: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Add(half, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Merge(); err == nil || !strings.Contains(err.Error(), "Half") {
		t.Error(err)
	}
	if err := dl.Try(func() { a.Layers[0].Forward(dl.Ones(2, 3)) }); err == nil {
		t.Error("an input of another size is no error")
	}
}

func nan() (z float64) { return z / z }

// halved is the model's folder in half precision.
func halved(t *testing.T) string {
	dir := t.TempDir()
	tensors, _, err := dl.LoadSafetensors(filepath.Join(gpt2, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range tensors {
		tensors[i].Tensor = tensors[i].Tensor.To(dl.Float16)
	}
	config, err := os.ReadFile(filepath.Join(gpt2, "config.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), config, 0o666)
	}
	if err == nil {
		err = dl.SaveSafetensors(filepath.Join(dir, "model.safetensors"), tensors, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder writes an adapter: peft's with a changed configuration and other tensors.
func folder(t testing.TB, old, new string, change func([]dl.Named) []dl.Named) string {
	t.Helper()
	dir := t.TempDir()
	b, err := os.ReadFile("testdata/adapter/adapter_config.json")
	if err != nil || !strings.Contains(string(b), old) {
		t.Fatalf("%v: %s", err, old)
	}
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte(strings.Replace(string(b), old, new, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	tensors, _, err := dl.LoadSafetensors("testdata/adapter/adapter_model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		tensors = change(tensors)
	}
	if err := dl.SaveSafetensors(filepath.Join(dir, "adapter_model.safetensors"), tensors, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Files that are of another kind, another model, or damaged, and the model is as it was.
func TestOddFiles(t *testing.T) {
	for _, c := range []struct {
		want, old, new string
		change         func([]dl.Named) []dl.Named
	}{
		{`the peft_type is "IA3"`, `"LORA"`, `"IA3"`, nil},
		{"use_dora", `"use_dora": false`, `"use_dora": true`, nil},
		{"lora_bias", `"lora_bias": false`, `"lora_bias": true`, nil},
		{`bias is "all"`, `"bias": "none"`, `"bias": "all"`, nil},
		{"alpha_pattern", `"alpha_pattern": {}`, `"alpha_pattern": {"c_attn": 3}`, nil},
		{"r is 0", `"r": 3`, `"r": 0`, nil},
		{"lora_alpha is 0", `"lora_alpha": 12`, `"lora_alpha": 0`, nil},
		{"Dropout is 2", `"lora_dropout": 0.0`, `"lora_dropout": 2`, nil},
		{"cannot unmarshal", `"r": 3`, `"r": "three"`, nil},
		{"modules_to_save asks for", `"modules_to_save": null`, `"modules_to_save": ["ln_f"]`, nil},
		{"belongs to no matrix", `"r": 3`, `"r": 3`, func(all []dl.Named) []dl.Named {
			return append(all, dl.Named{Name: "base_model.model.transformer.wte.lora_embedding_A", Tensor: dl.Ones(2)})
		}},
		{"of another model", `"r": 3`, `"r": 3`, func(all []dl.Named) []dl.Named {
			all[0].Tensor = dl.Ones(3, 5)
			return all
		}},
		{"of another model", `"r": 3`, `"r": 3`, func(all []dl.Named) []dl.Named { return all[1:] }},
		{"no addition for this model", `"r": 3`, `"r": 3`, func(all []dl.Named) []dl.Named { return []dl.Named{{Name: "x", Tensor: dl.Ones(1)}} }},
		{"additions are floats", `"r": 3`, `"r": 3`, func(all []dl.Named) []dl.Named {
			all[0].Tensor = all[0].Tensor.To(dl.Int32)
			return all
		}},
	} {
		m := model(t)
		if _, err := Load(folder(t, c.old, c.new, c.change), m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: the error is %v, want one that says %q", c.new, c.old, err, c.want)
		}
		if n := nn.Count(m).Frozen; n != 0 {
			t.Errorf("%s: %d parameters are frozen after an error", c.want, n)
		}
	}
	m := model(t)
	if _, err := Load(t.TempDir(), m); err == nil || !strings.Contains(err.Error(), "adapter_config.json") {
		t.Error(err)
	}
	if _, err := Load("testdata/adapter", nil); err == nil {
		t.Error("no model is no error")
	}
	dir := folder(t, `"r": 3`, `"r": 3`, nil)
	if err := os.Rename(filepath.Join(dir, "adapter_model.safetensors"), filepath.Join(dir, "adapter_model.bin")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, m); err == nil || !strings.Contains(err.Error(), "pickle") {
		t.Error(err)
	}
	// A layer with a rank of its own, as rank_pattern of peft makes it, keeps it.
	dir = folder(t, `"r": 3`, `"r": 5`, nil)
	a, err := Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	if a.Layers[0].A.Value.Dim(0) != 3 || a.Layers[0].Scale != 4 {
		t.Error(a.Layers[0].A.Value.Shape(), a.Layers[0].Scale)
	}
	if err := a.Save(dir); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "adapter_config.json")); err != nil || !strings.Contains(string(b), `"transformer.h.0.attn.c_attn": 3`) {
		t.Errorf("%v: %s", err, b)
	}
}

// FuzzLoad: whatever the two files hold, Load returns adapters or an error, and the model works.
func FuzzLoad(f *testing.F) {
	config, err := os.ReadFile("testdata/adapter/adapter_config.json")
	if err != nil {
		f.Fatal(err)
	}
	weights, err := os.ReadFile("testdata/adapter/adapter_model.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(config, weights)
	f.Add(config, weights[:len(weights)-5])
	f.Add([]byte(`{"peft_type":"LORA","r":99999999999,"lora_alpha":1e308,"target_modules":"("}`), weights)
	f.Add([]byte(`{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":null,"modules_to_save":[""]}`), weights)
	f.Add([]byte(`[]`), []byte{1})
	f.Fuzz(func(t *testing.T, config, weights []byte) {
		dir := t.TempDir()
		for name, b := range map[string][]byte{"adapter_config.json": config, "adapter_model.safetensors": weights} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		m := model(t)
		if a, err := Load(dir, m); err == nil {
			a.Unload()
		}
		m.Forward(dl.Of([]int32{1, 2}, 1, 2))
	})
}
