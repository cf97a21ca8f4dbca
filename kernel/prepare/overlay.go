package prepare

import (
	"encoding/json"
	"os"
	"path/filepath"

	"modelbook/kernel/toolchain"
	"modelbook/kernel/toolchain/hook"
)

// writeOverlay writes the changed files of the standard library, and the list of
// them for the go command. A hook that does not fit this Go release is left out,
// which h.Lacks records.
func writeOverlay(h *toolchain.Home) error {
	dir, src := filepath.Dir(h.Overlay()), filepath.Join(h.Toolchain.Root, "src")
	replace := map[string]string{}
	for _, hook := range hook.All {
		texts := hook.Apply(src)
		if texts == nil {
			h.Lacks = append(h.Lacks, hook.Lack)
		}
		for name, text := range texts {
			replacement := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(replacement), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(replacement, []byte(text), 0o644); err != nil {
				return err
			}
			replace[filepath.Join(src, filepath.FromSlash(name))] = replacement
		}
	}
	if len(replace) == 0 {
		return os.RemoveAll(dir)
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(h.Overlay(), b, 0o644)
}
