package notebook

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// papermill is the member of metadata in which papermill, and tools that read
// its notebooks, keep what happened when a notebook ran.
const papermill = "papermill"

// timed records when the cell ran.
func (c *Cell) timed(start time.Time, failed bool) {
	status, end := "completed", time.Now()
	if failed {
		status = "failed"
	}
	c.note(papermill, map[string]any{"start_time": start.UTC().Format(time.RFC3339Nano), "end_time": end.UTC().Format(time.RFC3339Nano),
		"duration": end.Sub(start).Round(time.Microsecond).Seconds(), "status": status, "exception": failed})
}

// note sets a member of the cell's metadata, or removes it.
func (c *Cell) note(key string, value any) { c.fields.note(key, value) }

// Note sets a member of the notebook's metadata, or removes it when value is nil.
func (nb *Notebook) Note(key string, value any) { nb.fields.note(key, value) }

func (f fields) note(key string, value any) {
	var metadata fields
	if json.Unmarshal(f["metadata"], &metadata) != nil || metadata == nil {
		metadata = fields{}
	}
	if value == nil {
		if _, ok := metadata[key]; !ok {
			return
		}
		delete(metadata, key)
	} else {
		metadata[key] = must(value)
	}
	f["metadata"] = must(metadata)
}

// Record records how the notebook was run: input and output file, parameters, and
// outcome.
func (nb *Notebook) Record(input, output string, parameters []Parameter, start time.Time, failed bool) {
	values := map[string]string{}
	for _, p := range parameters {
		values[p.Name] = p.Value
	}
	end := time.Now()
	record := map[string]any{"input_path": input, "output_path": output, "parameters": values,
		"start_time": start.UTC().Format(time.RFC3339Nano), "end_time": end.UTC().Format(time.RFC3339Nano),
		"duration": end.Sub(start).Round(time.Microsecond).Seconds(), "version": "modelbook", "environment_variables": struct{}{}}
	record["exception"] = nil
	if failed {
		record["exception"] = true
	}
	nb.Note(papermill, record)
}

// failureTag marks the cells that say where a run failed, as papermill's do.
const failureTag = "papermill-error-cell-tag"

// MarkFailure puts a cell at the top of the notebook that says which cell failed
// and links to it. The next run removes it.
func (nb *Notebook) MarkFailure(f *CellFailure) {
	mark := func(text string) *Cell {
		c := &Cell{Type: "markdown", Source: text, Tags: []string{failureTag}}
		c.fields = fields{"cell_type": must(c.Type), "source": must(multiline(text)), "metadata": must(map[string]any{"tags": c.Tags})}
		return c
	}
	const style = `style="color:red; font-size:1.5em"`
	nb.Cells = slices.Insert(nb.Cells, f.Index, mark(fmt.Sprintf(`<span id="papermill-error-cell" %s>The run failed here:</span>`, style)))
	nb.Cells = slices.Insert(nb.Cells, 0, mark(fmt.Sprintf(`<span %s>The run failed at <a href="#papermill-error-cell">In [%d]</a>.</span>`, style, f.Number)))
}
