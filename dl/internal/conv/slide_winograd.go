package conv

type volumeTiles struct{}

func (v *volumeTiles) run(p *slide, w []float32) {}
func (p *slide) winograd() bool { return false }
