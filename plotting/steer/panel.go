// Package steer shows controls for a training that goes on in the background: a
// slider for the learning rate, and buttons that pause and stop it.
//
//	training, err := trainer.Start(ctx, digits.Train, train.Options{Epochs: 20, Callbacks: []train.Callback{plotting.Live()}})
//	steer.Panel(training)
//
// It imports packages dl/train and kernel/ipywidgets, whose widgets the front
// end draws; without them a Training is steered by its methods.
package steer

import (
	"math"
	"sync/atomic"
	"time"

	"modelbook/dl/train"
	"modelbook/kernel/ipywidgets"
)

// refresh is how often the line below the controls is brought up to date.
const refresh = 500 * time.Millisecond

// controls are the widgets of a panel.
type controls struct {
	training    *train.Training
	rate        *ipywidgets.FloatLogSlider
	pause, stop *ipywidgets.Button
	status      *ipywidgets.Label
	followed    atomic.Uint64 // the bits of a rate that the slider is given because something else has set it, else 0
}

// Panel returns the controls of a training, which are shown where they are the last expression of a cell: the learning
// rate from 10^-7 to 1, a button that pauses and resumes, one that stops, and a line that says how far the training is.
// When it is over the controls are grey.
func Panel(training *train.Training) *ipywidgets.Box {
	c := newControls(training)
	return ipywidgets.NewVBox(ipywidgets.NewHBox(c.rate, c.pause, c.stop), c.status)
}

func newControls(training *train.Training) *controls {
	c := &controls{training: training,
		rate: ipywidgets.NewFloatLogSlider(training.Status().Rate, -7, 0, ipywidgets.Traits{"description": "learning rate",
			"readout_format": ".2e", "continuous_update": false, "style": ipywidgets.Traits{"description_width": "initial"}}),
		pause:  ipywidgets.NewButton("Pause"),
		stop:   ipywidgets.NewButton("Stop", ipywidgets.Traits{"button_style": "danger"}),
		status: ipywidgets.NewLabel(training.String())}
	c.rate.OnChange(func(rate float64) {
		if !c.followed.CompareAndSwap(math.Float64bits(rate), 0) {
			c.say(training.SetRate(rate))
		}
	})
	c.pause.OnClick(c.pauseOrResume)
	c.stop.OnClick(func() { c.say(training.Stop()) })
	go c.follow()
	return c
}

func (c *controls) pauseOrResume() {
	if c.training.Status().Paused {
		c.say(c.training.Resume())
	} else {
		c.say(c.training.Pause())
	}
}

// say brings the controls up to date after something was done.
func (c *controls) say(err error) {
	p := c.training.Status()
	text := c.training.String()
	if err != nil && !p.Done {
		text += ": " + err.Error()
	}
	c.status.SetValue(text)
	label := "Pause"
	if p.Paused {
		label = "Resume"
	}
	c.pause.SetDescription(label)
}

// followRate moves the slider to a rate that something else has set, such as a cell or a schedule.
func (c *controls) followRate() {
	const lowest, highest = 1e-7, 1 // the slider's ends
	rate := c.training.Status().Rate
	if rate < lowest || rate > highest || rate == c.rate.Value() {
		return
	}
	c.followed.Store(math.Float64bits(rate))
	c.rate.SetValue(rate)
}

// follow keeps the line and the slider up to date until the training is over.
func (c *controls) follow() {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.followRate()
			c.say(nil)
		case <-c.training.Done():
			c.say(nil)
			c.rate.SetDisabled(true)
			c.pause.SetDisabled(true)
			c.stop.SetDisabled(true)
			return
		}
	}
}
