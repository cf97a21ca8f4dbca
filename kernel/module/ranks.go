package module

import (
	"os"
	"path/filepath"
)

// WithRanks is the text of a go.mod like that of the session, which also has
// modelbook/dl/dist: a module of its own, so that nothing else needs MPI.
func (m *Module) WithRanks() (string, error) {
	text, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil {
		return "", err
	}
	return string(text) + "\nrequire " + RanksModule + " v0.0.0\n\nreplace " + RanksModule + " => " + filepath.Join(m.home.Source(), "dl", "dist") + "\n", nil
}

// RanksModule is the path of that module.
const RanksModule = "modelbook/dl/dist"
