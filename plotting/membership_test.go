package plotting

import (
	"encoding/json"
	"os"

	"modelbook/dl/privacy"
)

// attacks are those on a model that was trained plainly and on one with differential privacy, whose losses the test
// TestPrivacyHidesMembership of package privacy has written.
func attacks() []Scored {
	text, err := os.ReadFile("testdata/membership.json")
	if err != nil {
		panic(err)
	}
	var losses map[string][]float64
	if err := json.Unmarshal(text, &losses); err != nil {
		panic(err)
	}
	var all []Scored
	for _, name := range []string{"plain", "private"} {
		m, err := privacy.AttackLosses(losses[name+" members"], losses[name+" others"])
		if err != nil {
			panic(err)
		}
		scores, labels := m.Scores()
		all = append(all, Scored{Name: name, Scores: scores, Labels: labels})
	}
	return all
}
