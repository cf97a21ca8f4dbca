package lm

import (
	"regexp"
	"strconv"

	"modelbook/dl"
	"modelbook/dl/nn"
)

var layerNumber = regexp.MustCompile(`\.(?:h|layers|layer)\.(\d+)\.`)

// TrainLast freezes a model but for its last layers and what stands behind them, the last norm and the heads: fine-tuning
// of the last layers, which computes no gradients below them. 0 layers leave the head alone. An embedding that is the head,
// too, stays frozen. See [nn.Freeze].
func TrainLast(m Model, layers int) {
	given("lm.TrainLast", "the model", m != nil)
	named := m.states().named
	count, begin := 0, len(named)
	behind := 0 // the first parameter behind the layers
	for i, p := range named {
		if n, ok := layerOf(p.Name); ok {
			count, behind = max(count, n+1), i+1
		}
	}
	if layers < 0 || layers > count {
		dl.PanicValue("lm.TrainLast", "%d layers; the model has %d", layers, count)
	}
	if begin = behind; layers > 0 {
		for i, p := range named {
			if n, ok := layerOf(p.Name); ok && n == count-layers {
				begin = i
				break
			}
		}
	}
	for i, p := range named {
		if i < begin {
			nn.Freeze(one{p.Parameter})
		} else {
			nn.Unfreeze(one{p.Parameter})
		}
	}
}

// one is a parameter as a module.
type one struct{ p *nn.Parameter }

func (o one) Parameters() []*nn.Parameter { return []*nn.Parameter{o.p} }

// layerOf is the number of the layer that a parameter's name tells.
func layerOf(name string) (int, bool) {
	match := layerNumber.FindStringSubmatch("." + name)
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	return n, err == nil
}
