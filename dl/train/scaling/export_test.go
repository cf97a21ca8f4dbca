package scaling

import "time"

// SetClock makes m read the time from now.
func (m *Measure) SetClock(now func() time.Time) { m.now = now }
