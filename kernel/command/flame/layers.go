package flame

import (
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"modelbook/internal/number"
)

// The labels that a training gives its samples while a profile is taken: see
// train.ProfileLabels.
const (
	passLabel  = "pass"  // "forward", "backward", "optimizer and metrics", "validation"
	layerLabel = "layer" // the path of the module, in the first two
)

// A Layer is the time of a layer of a network, or of a part of a training that
// belongs to no layer.
type Layer struct {
	Name              string
	Forward, Backward time.Duration
	Other             time.Duration // what is no layer
}

// all is the time of a layer in every pass.
func (l *Layer) all() time.Duration { return l.Forward + l.Backward + l.Other }

// labelled is the value of a sample's label, or "".
func labelled(s *profile.Sample, key string) string {
	if values := s.Label[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// layered adds a sample of a training to the times of its layer and returns its
// stack with the functions, and that with the pass and the layer in place of the
// functions of packages train and nn. What a goroutine of dl's workers did, whose
// stack knows nothing of the cell, stands below trained, as the rest does.
func (p *Profile) layered(s *profile.Sample, pass string, spent time.Duration, stack, trained []frame) (functions, shown []frame) {
	layer := labelled(s, layerLabel)
	name := layer
	if name == "" {
		name = pass
	}
	i := slices.IndexFunc(p.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		i = len(p.Layers)
		p.Layers = append(p.Layers, Layer{Name: name})
	}
	switch {
	case layer != "" && pass == "forward":
		p.Layers[i].Forward += spent
	case layer != "" && pass == "backward":
		p.Layers[i].Backward += spent
	default:
		p.Layers[i].Other += spent
	}
	before, inside := aroundTraining(s)
	if before == nil {
		before, stack = trained, inside
	}
	shown = append(slices.Clone(before), frame{pass, Network})
	if layer != "" {
		shown = append(shown, frame{layer, Network})
	}
	return stack, append(shown, inside...)
}

// The packages whose functions say no more than the pass and the layer.
const (
	trainPackage    = "modelbook/dl/train."
	layersPackage   = "modelbook/dl/nn."
	parallelPackage = "modelbook/dl/internal/parallel."
	sweepFunction   = "modelbook/dl.(*sweep).run"
)

// aroundTraining are the functions of a stack that led to a training, from that
// of a cell on, nil if there are none, and those that a layer called.
func aroundTraining(s *profile.Sample) (before, inside []frame) {
	var stack []frame
	started, entered := false, false
	for _, l := range slices.Backward(s.Location) {
		for _, line := range slices.Backward(l.Line) {
			if line.Function == nil {
				continue
			}
			f, name := named(line.Function), line.Function.Name
			switch {
			case strings.HasPrefix(name, trainPackage):
				if !entered {
					entered, before = true, stack
				}
				stack = nil
				continue
			case name == sweepFunction:
				stack = nil
				continue
			case strings.HasPrefix(name, layersPackage), strings.HasPrefix(name, parallelPackage):
				continue
			}
			started = started || f.kind == Cell || entered
			if f.name != "" && (started || strings.HasPrefix(name, "modelbook/dl")) {
				started = true
				stack = append(stack, f)
			}
		}
	}
	if !slices.ContainsFunc(before, func(f frame) bool { return f.kind == Cell }) {
		before = nil
	}
	return before, stack
}

// callers are the functions of cells that led to most of the time of trainings.
func callers(raw *profile.Profile, value int) (most []frame) {
	spent := map[string]int64{}
	var longest int64
	for _, s := range raw.Sample {
		if labelled(s, passLabel) == "" {
			continue
		}
		before, _ := aroundTraining(s)
		if before == nil {
			continue
		}
		key := ""
		for _, f := range before {
			key += f.name + "\n"
		}
		if spent[key] += s.Value[value]; spent[key] > longest {
			longest, most = spent[key], before
		}
	}
	if most == nil { // in the background
		most = []frame{{"a training", Network}}
	}
	return most
}

// sortLayers puts the layers in the order of their time, what is no layer last.
func (p *Profile) sortLayers() {
	slices.SortFunc(p.Layers, func(a, b Layer) int {
		switch {
		case (a.Other > 0) != (b.Other > 0):
			if a.Other > 0 {
				return 1
			}
			return -1
		case a.all() != b.all():
			return int(b.all() - a.all())
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// LayerRows are the layers of the networks that were trained, at most n, with
// their time in both passes and their share of all of it.
func (p *Profile) LayerRows(n int) [][]string {
	var rows [][]string
	for i := range p.Layers[:min(n, len(p.Layers))] {
		l := &p.Layers[i]
		forward, backward := number.Sampled(l.Forward), number.Sampled(l.Backward)
		if l.Other > 0 {
			forward, backward = number.Sampled(l.Other), ""
		}
		rows = append(rows, []string{forward, backward, number.PercentOf(float64(l.all()), float64(p.Total)), l.Name})
	}
	return rows
}
