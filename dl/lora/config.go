package lora

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/lm"
)

// Config says what is added to a model, as peft's LoraConfig does. The zero value has peft's defaults.
type Config struct {
	Rank    int     // r, of each addition; 0: 8
	Alpha   float64 // lora_alpha: the addition counts Alpha/Rank; 0: 8. Twice the rank is usual.
	Dropout float64 // lora_dropout: the rate of dropout before A, in training

	// Targets are the names of the matrices to add to, whole or their last parts: "c_attn" is that of every layer,
	// "h.0.attn.c_attn" that of the first. AllLinear alone means all but the head. nil: the attention's matrices that peft
	// takes, c_attn of a GPT-2, q_proj and v_proj of Llama's kind, query and value of a BERT.
	Targets []string
	// Pattern is a regular expression that whole names must match, in place of Targets, such as
	// `.*h\.(10|11)\.(attn|mlp)\.c_proj` for the last two layers of twelve.
	Pattern string

	// ModulesToSave are parts of the model, by their names or the last parts of these, that are trained in full and saved
	// with the additions, such as "classifier" for the new head of a BERT, or "ln_f".
	ModulesToSave []string

	RankStabilized bool     // use_rslora: additions count Alpha/sqrt(Rank) (Kalajdzievski, 2023)
	Rand           *dl.Rand // A is drawn from; nil: dl's default source
	Base           string   // base_model_name_or_path in the saved configuration: the folder or name of the model
}

// AllLinear as the only one of a Config's Targets means all matrices but the head, as peft's "all-linear".
const AllLinear = "all-linear"

// defaults are the values of what is not set, for a model.
func (c Config) defaults(m lm.Model) Config {
	c.Rank, c.Alpha = cmp.Or(c.Rank, 8), cmp.Or(c.Alpha, 8)
	if c.Targets == nil && c.Pattern == "" {
		switch m.(type) {
		case *lm.GPT2:
			c.Targets = []string{"c_attn"}
		case *lm.Llama:
			c.Targets = []string{"q_proj", "v_proj"}
		case *lm.BERT:
			c.Targets = []string{"query", "value"}
		}
	}
	if c.Rand == nil {
		c.Rand = dl.DefaultRand()
	}
	return c
}

// check says what is wrong with a configuration with its defaults.
func (c *Config) check() error {
	switch {
	case c.Rank < 1:
		return fmt.Errorf("lora.Config: Rank is %d; it is 1 or more, and usually 4 to 64", c.Rank)
	case math.IsNaN(c.Alpha) || math.IsInf(c.Alpha, 0):
		return fmt.Errorf("lora.Config: Alpha is %v; it is a number such as twice the rank", c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("lora.Config: Dropout is %v; it is a rate from 0 to below 1", c.Dropout)
	case len(c.Targets) > 0 && c.Pattern != "":
		return fmt.Errorf("lora.Config: give Targets %q or Pattern %q, not both", c.Targets, c.Pattern)
	}
	return nil
}

// scale is what an addition of a rank counts.
func (c *Config) scale(rank int) float64 {
	if c.RankStabilized {
		return c.Alpha / math.Sqrt(float64(rank))
	}
	return c.Alpha / float64(rank)
}

// choose returns the places of a model that the configuration names.
func (c *Config) choose(slots []lm.Slot) ([]lm.Slot, error) {
	match := func(name string) bool {
		return slices.ContainsFunc(c.Targets, func(t string) bool { return names(t, name) })
	}
	switch {
	case c.Pattern != "":
		r, err := regexp.Compile(`^(?:` + c.Pattern + `)$`)
		if err != nil {
			return nil, fmt.Errorf("lora.Config: Pattern: %w", err)
		}
		match = r.MatchString
	case len(c.Targets) == 1 && c.Targets[0] == AllLinear:
		match = func(name string) bool { return !head[last(name)] }
	default:
		for _, t := range c.Targets {
			if !slices.ContainsFunc(slots, func(s lm.Slot) bool { return names(t, s.Name) }) {
				return nil, fmt.Errorf("lora.Config: no matrix is called %q; there are %s", t, parts(slots))
			}
		}
	}
	var chosen []lm.Slot
	for _, s := range slots {
		if match(s.Name) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("lora.Config: no matrix matches %q; there are %s", cmp.Or(c.Pattern, strings.Join(c.Targets, " ")), parts(slots))
	}
	return chosen, nil
}

// head are the last parts of the names of matrices that compute a model's outputs.
var head = map[string]bool{"lm_head": true, "classifier": true}

// names says whether a target is a name, or its last parts.
func names(target, name string) bool {
	return target != "" && (name == target || strings.HasSuffix(name, "."+target))
}

func last(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// parts are the last parts of the names of places, each once.
func parts(slots []lm.Slot) string {
	var all []string
	for _, s := range slots {
		if p := last(s.Name); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return strings.Join(all, ", ")
}
