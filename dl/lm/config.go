package lm

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// maxConfig bounds a config.json. The largest ones have some hundred kB, of labels.
const maxConfig = 16 << 20

// maxSize bounds the sizes in a config.json, so that products of two of them are no surprise.
const maxSize = 1 << 24

// maxLayers bounds the number of layers, which a loop makes.
const maxLayers = 1024

// extra keeps what a config.json says that a Config has no field for, to write it back.
type extra map[string]json.RawMessage

// readConfig reads a folder's config.json into config, whose other fields stay, and returns all of it.
func readConfig(dir string, config any) (extra, error) {
	path := filepath.Join(dir, "config.json")
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("a model's folder has a config.json, a model.safetensors, and for texts a tokenizer.json: %w", err)
	}
	if st.Size() > maxConfig {
		return nil, fmt.Errorf("%s: a configuration of %d bytes is too long", path, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all extra
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(b, config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// merged is a configuration as JSON, with what was read beside it.
func merged(config any, more extra) ([]byte, error) {
	b, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	var own extra
	if err := json.Unmarshal(b, &own); err != nil {
		return nil, err
	}
	all := extra{}
	for k, v := range more {
		all[k] = v
	}
	for k, v := range own {
		all[k] = v
	}
	return json.MarshalIndent(all, "", "  ")
}

// Tokens are the ids that end a text: a number in config.json, or a list.
type Tokens []int

// UnmarshalJSON reads a number, a list, or null.
func (t *Tokens) UnmarshalJSON(b []byte) error {
	var one int
	if err := json.Unmarshal(b, &one); err == nil && string(b) != "null" {
		*t = Tokens{one}
		return nil
	}
	var list []int
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("a token's id, or a list of them, is needed: %w", err)
	}
	*t = list
	return nil
}

// MarshalJSON writes one as a number.
func (t Tokens) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]int(t))
}

// inRange says which of some sizes is not one.
func inRange(what string, sizes ...sized) error {
	for _, s := range sizes {
		if s.value < 1 || s.value > maxSize {
			return fmt.Errorf("lm.%s: %s is %d; it is from 1 to %d", what, s.name, s.value, maxSize)
		}
	}
	return nil
}

type sized struct {
	name  string
	value int
}

// orBool is *v, or a default where v is nil.
func orBool(v *bool, other bool) bool {
	if v == nil {
		return other
	}
	return *v
}
