package notebook

import (
	"encoding/json"
	"time"
)

// papermill is the member of metadata in which papermill, and tools that read
// its notebooks, keep what happened when a notebook ran.
const papermill = "papermill"

// timed notes when the cell ran.
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

// Record notes how the notebook was run: from which file, to which, with what,
// and how it went.
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
