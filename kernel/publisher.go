package kernel

import (
	"modelbook/kernel/jupyter"
	"modelbook/kernel/output"
	"modelbook/kernel/wire"
)

// A publisher publishes the output of a cell as messages that belong to the
// cell's request.
type publisher struct {
	k      *Kernel
	parent *wire.Message
	number int    // execution count
	result string // plain text of the last result; read after the end of the cell
}

var _ output.Publisher = (*publisher)(nil)

// Stream publishes text.
func (p *publisher) Stream(name, text string) {
	p.k.publish(p.parent, jupyter.Stream{Name: name, Text: text})
}

// Display publishes rich output.
func (p *publisher) Display(d output.Display) { p.k.publish(p.parent, content(d)) }

// Update changes what stands on the page. After the end of the cell it belongs
// to no request.
func (p *publisher) Update(d output.Display, ended bool) {
	parent := p.parent
	if ended {
		parent = nil
	}
	p.k.publish(parent, jupyter.UpdateDisplayData{DisplayData: content(d)})
}

// Result publishes the value of the last expression.
func (p *publisher) Result(d output.Display) {
	p.result, _ = d.Data["text/plain"].(string)
	p.k.publish(p.parent, jupyter.ExecuteResult{DisplayData: content(d), ExecutionCount: p.number})
}

// Clear clears the output of the cell.
func (p *publisher) Clear(wait bool) { p.k.publish(p.parent, jupyter.ClearOutput{Wait: wait}) }

// content is what messages say of a display.
func content(d output.Display) jupyter.DisplayData {
	return jupyter.DisplayData{
		Value:     jupyter.NewValue(d.Data, d.Metadata),
		Transient: jupyter.Transient{DisplayID: d.ID},
	}
}
