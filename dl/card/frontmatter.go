package card

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// frontMatter is the YAML between two lines of dashes that Hugging Face reads: the licence, languages and tags, and the metrics
// as its model-index, which needs a task and the data's name.
func (c *Card) frontMatter() string {
	var b strings.Builder
	list := func(key string, values []string) {
		if len(values) > 0 {
			b.WriteString(key + ":\n")
			for _, v := range values {
				b.WriteString("- " + scalar(v) + "\n")
			}
		}
	}
	list("language", c.Language)
	if c.License != "" {
		b.WriteString("license: " + scalar(c.License) + "\n")
	}
	list("tags", c.Tags)
	if c.Task != "" {
		b.WriteString("pipeline_tag: " + scalar(c.Task) + "\n")
	}
	if c.Task != "" && len(c.Data) > 0 && len(c.Metrics) > 0 {
		c.index(&b)
	}
	if b.Len() == 0 {
		return ""
	}
	return "---\n" + b.String() + "---\n\n"
}

// index writes the metrics. Those of the same part of the data are one result.
func (c *Card) index(b *strings.Builder) {
	fmt.Fprintf(b, "model-index:\n- name: %s\n  results:\n", scalar(inline(c.Name)))
	var parts []string
	for _, m := range c.Metrics {
		if !slices.Contains(parts, m.Data) {
			parts = append(parts, m.Data)
		}
	}
	for _, part := range parts {
		fmt.Fprintf(b, "  - task:\n      type: %s\n    dataset:\n      name: %s\n      type: %s\n", scalar(c.Task), scalar(inline(c.Data[0].Name)), scalar(slug(c.Data[0].Name)))
		if part != "" {
			fmt.Fprintf(b, "      split: %s\n", scalar(inline(part)))
		}
		b.WriteString("    metrics:\n")
		for _, m := range c.Metrics {
			if m.Data != part || math.IsNaN(m.Model.Value) || math.IsInf(m.Model.Value, 0) {
				continue
			}
			kind := m.Type
			if kind == "" {
				kind = slug(m.Name)
			}
			fmt.Fprintf(b, "    - type: %s\n      name: %s\n      value: %v\n", scalar(kind), scalar(inline(m.Name)), m.Model.Value)
		}
	}
}

var (
	plainYAML = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*([. ][A-Za-z0-9_-]+)*$`)
	otherYAML = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null)$`) // which mean no text
)

// scalar is a text in YAML: as it stands where that is plain, or quoted as in JSON, which is YAML.
func scalar(s string) string {
	if plainYAML.MatchString(s) && !otherYAML.MatchString(s) {
		return s
	}
	quoted, _ := json.Marshal(s) // of a string there is no error
	return string(quoted)
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// slug is a text as an identifier: "ROC AUC" is "roc_auc".
func slug(s string) string {
	if s = strings.Trim(notWord.ReplaceAllString(strings.ToLower(s), "_"), "_"); s == "" {
		return "model"
	}
	return s
}
