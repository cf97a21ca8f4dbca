package plotting

import "image/color"

// smoothed is the exponential moving average of values, of which each new one keeps a share: TensorBoard's. The first
// averages are divided by the weight they have, so that they do not begin at 0. What is no finite number stays as it is
// and counts for nothing.
func smoothed(values []float64, share float64) []float64 {
	average, weight := 0.0, 1.0
	out := make([]float64, len(values))
	for i, v := range values {
		if !finite(v) {
			out[i] = v
			continue
		}
		average = average*share + (1-share)*v
		weight *= share
		out[i] = average / (1 - weight)
	}
	return out
}

// smooth makes the lines of a panel faint and draws smoothed ones over them.
func (p *panel) smooth(share float64) {
	if !(share > 0) {
		return
	}
	for i, s := range p.lines {
		if s.Points || s.Dashed || len(s.Y) < 2 {
			continue
		}
		raw := s
		raw.Low, raw.High = nil, nil
		p.faint = append(p.faint, faint{raw, i})
		p.lines[i].Y = smoothed(s.Y, share)
	}
	p.plain = true
}

// drawFaint draws a line behind the others.
func (p *panel) drawFaint(pen *pen, f faint, at func(x, y float64) point, area box) {
	c := p.color(pen.theme, f.color)
	var run []point
	flush := func() {
		pen.dashed(color.NRGBA{c.R, c.G, c.B, 90}, 1.2, nil, thinned(run, area)...)
		run = run[:0]
	}
	for i := range f.len() {
		if x, y := f.x(i), f.Y[i]; p.shows(x, y) {
			run = append(run, at(x, y))
		} else {
			flush()
		}
	}
	flush()
}
