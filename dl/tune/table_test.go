package tune

import (
	"strings"
	"testing"
)

// Every column of the table has a heading.
func TestColumnsHaveHeadings(t *testing.T) {
	table := &Table{Settings: []string{"rate"}, Trials: []Row{{Number: 0, Settings: Settings{"rate": 0.1}, Status: Running}}}
	for _, heading := range table.rows()[0] {
		if heading == "" {
			t.Errorf("no heading: %q", table.rows()[0])
		}
	}
	if s := table.String(); !strings.Contains(s, "status") || !strings.Contains(s, "running") {
		t.Error(s)
	}
}
