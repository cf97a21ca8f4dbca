package output

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// maxUpdates is the number of displays updated in the time of joinFor: half of
// what notebook servers let pass.
const maxUpdates = 50

// updates limits how often displays are updated. Of many updates of one
// display in a short time only the last is worth drawing.
type updates struct {
	waiting map[string]Display   // by display ID: not published yet
	at      map[string]time.Time // by display ID: when one was published last
	window  time.Time            // when the present share began
	share   int                  // updates published in it
}

// allow reports whether an update may be published now. If not, it waits.
func (u *updates) allow(d Display) bool {
	// An update that runs a script counts, also when another follows.
	if scripted(d) || time.Since(u.at[d.ID]) >= joinFor && u.room() {
		delete(u.waiting, d.ID)
		return true
	}
	if u.waiting == nil {
		u.waiting = map[string]Display{}
	}
	u.waiting[d.ID] = d
	return false
}

// room reports whether there is room for one more update now, and takes it.
func (u *updates) room() bool {
	if now := time.Now(); now.Sub(u.window) >= joinFor {
		u.window, u.share = now, 0
	}
	u.share++
	return u.share <= maxUpdates
}

// published notes that an update is published.
func (u *updates) published(d Display) {
	if u.at == nil {
		u.at = map[string]time.Time{}
	}
	u.at[d.ID] = time.Now()
}

// due takes the waiting updates for which there is room now.
func (u *updates) due() (all []Display) {
	for id, d := range u.waiting {
		if !u.room() {
			break
		}
		all = append(all, d)
		delete(u.waiting, id)
	}
	return all
}

// wait reports whether updates wait.
func (u *updates) wait() bool { return len(u.waiting) > 0 }

// last takes all waiting updates.
func (u *updates) last() []Display {
	all := slices.Collect(maps.Values(u.waiting))
	clear(u.waiting)
	return all
}

// scripted reports whether a display runs a script.
func scripted(d Display) bool {
	html, _ := d.Data["text/html"].(string)
	return strings.Contains(html, "<script")
}
