package lm

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"modelbook/dl"
)

// Save writes a model to a folder, which it makes if needed: config.json, with all that was in the one it was loaded from, and
// model.safetensors, with the names and layouts of transformers, whose from_pretrained reads it. Files are replaced only when
// they are written in full, so a model may be saved to the folder it was loaded from. Weights that stand in for matrices of
// the model, such as low-rank additions, are to be merged into them before.
func Save(dir string, m Model) error {
	given("lm.Save", "the model", m != nil)
	s := m.states()
	s.made("lm.Save")
	for _, slot := range s.slots {
		if _, ok := (*slot.At).(*Linear); !ok {
			return fmt.Errorf("lm.Save: %T stands in the place of %s; merge it, or save it by itself", *slot.At, slot.Name)
		}
	}
	if t := tokensOf(m); t != nil {
		return fmt.Errorf("lm.Save: %T stands in the place of the table of tokens; save it by itself, as SaveGGUF does", t)
	}
	config, err := merged(m.config(), s.more)
	if err != nil {
		return err
	}
	var tensors []dl.Named
	for _, p := range s.named {
		tensors = append(tensors, dl.Named{Name: p.Name, Tensor: p.Value.Detach()})
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := dl.SaveSafetensors(filepath.Join(dir, "model.safetensors"), tensors, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, "config.json"), append(config, '\n'), 0o644)
}
