package engine

import (
	"context"
	"strings"
)

// obtain makes packages available that a cell imports and that were not
// compiled ahead.
func (e *Engine) obtain(ctx context.Context, paths []string, out Sink) error {
	var missing []string
	for _, p := range paths {
		if e.builder.Archive(p) == "" && p != "unsafe" {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	changed, err := e.builder.Obtain(ctx, missing, e.autoGet, func(text string) { out.Stream("stderr", text) })
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		note(out, "the new packages need other versions of packages that are loaded: %s. Restart the kernel to use them; until then cells that import the new packages will fail", strings.Join(changed, ", "))
	}
	return nil
}
