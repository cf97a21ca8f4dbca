package tune

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// Method says which settings a [Search] tries, and how long: [Grid], [Random], [Halving] or [Hyperband].
type Method interface {
	// plan draws the settings of all trials and says in which rungs they are tried.
	plan(s Space, r *dl.Rand) ([]bracket, error)
}

// bracket are trials of which fewer and fewer go on.
type bracket struct {
	trials []Settings
	rungs  []rung
}

// rung is how many trials go on, and up to which budget.
type rung struct{ trials, budget int }

const mostTrials = 1_000_000

// Grid tries every combination of values. Each setting needs a range with a list of them: [Choice] or [Integers].
type Grid struct{}

func (Grid) plan(s Space, _ *dl.Rand) ([]bracket, error) {
	all := []Settings{{}}
	for _, name := range s.names() {
		values := s[name].Grid()
		if values == nil {
			return nil, fmt.Errorf("tune: Grid cannot try all values of %q, a %T: give it a Choice, or search at Random", name, s[name])
		}
		if len(all)*len(values) > mostTrials {
			return nil, fmt.Errorf("tune: the grid has more than %d points", mostTrials)
		}
		var more []Settings
		for _, settings := range all {
			for _, v := range values {
				next := Settings{name: v}
				for k, v := range settings {
					next[k] = v
				}
				more = append(more, next)
			}
		}
		all = more
	}
	return []bracket{{all, []rung{{len(all), 0}}}}, nil
}

// Random tries settings drawn at random, which finds good ones sooner than a grid when some settings matter little
// (Bergstra and Bengio 2012).
type Random struct{ Trials int } // 0: 10, as in scikit-learn's RandomizedSearchCV

func (m Random) plan(s Space, r *dl.Rand) ([]bracket, error) {
	n := m.Trials
	if n == 0 {
		n = 10
	}
	if n < 0 || n > mostTrials {
		return nil, fmt.Errorf("tune: Random with %d trials", n)
	}
	return []bracket{{draws(s, r, n), []rung{{n, 0}}}}, nil
}

func draws(s Space, r *dl.Rand, n int) []Settings {
	all := make([]Settings, n)
	for i := range all {
		all[i] = s.draw(r)
	}
	return all
}

// Halving tries many settings for a short time and goes on with the best of them for longer (successive halving, Jamieson
// and Talwalkar 2016): of all trials, and then of those left, one in Factor goes on, with Factor times the budget. A
// budget is a number of epochs, or whatever the search's function makes of [Trial].Budget.
type Halving struct {
	Trials    int // 0: as many as leave one at MaxBudget
	MinBudget int // of the first rung; 0: 1
	MaxBudget int // no trial has more; 0: 27
	Factor    int // 0: 3, as in scikit-learn
}

func (h Halving) plan(s Space, r *dl.Rand) ([]bracket, error) {
	low, high, factor := or(h.MinBudget, 1), or(h.MaxBudget, 27), or(h.Factor, 3)
	if low < 1 || high < low || factor < 2 || h.Trials < 0 || h.Trials > mostTrials {
		return nil, fmt.Errorf("tune: Halving of %d trials by %d, from the budget %d to %d", h.Trials, factor, low, high)
	}
	rungs := 1
	for b := low; b <= high/factor; b *= factor {
		rungs++
	}
	n := h.Trials
	if n == 0 {
		n = 1
		for range rungs - 1 {
			if n *= factor; n > mostTrials {
				return nil, fmt.Errorf("tune: Halving from the budget %d to %d by %d begins with more than %d trials: give it Trials", low, high, factor, mostTrials)
			}
		}
	}
	b := bracket{trials: draws(s, r, n)}
	for budget := low; n > 0 && len(b.rungs) < rungs; n, budget = n/factor, budget*factor {
		b.rungs = append(b.rungs, rung{n, budget})
	}
	return []bracket{b}, nil
}

// Hyperband halves several times, from many trials that begin with a small budget to few that have all of it (Li et al.
// 2018): it need not be known how early a good trial can be told from a bad one.
type Hyperband struct {
	MaxBudget int // no trial has more; 0: 27
	Factor    int // 0: 3, as in the paper
}

func (h Hyperband) plan(s Space, r *dl.Rand) ([]bracket, error) {
	high, factor := or(h.MaxBudget, 27), or(h.Factor, 3)
	if high < 1 || factor < 2 || high > mostTrials {
		return nil, fmt.Errorf("tune: Hyperband by %d to the budget %d", factor, high)
	}
	most := 0 // times that the budget can be divided
	for b := high; b >= factor; b /= factor {
		most++
	}
	var all []bracket
	for k := most; k >= 0; k-- {
		power := math.Pow(float64(factor), float64(k))
		n := int(math.Ceil(float64(most+1) / float64(k+1) * power))
		b := bracket{trials: draws(s, r, n)}
		for i := range k + 1 {
			b.rungs = append(b.rungs, rung{
				max(int(float64(n)/math.Pow(float64(factor), float64(i))), 1),
				int(float64(high) / power * math.Pow(float64(factor), float64(i))),
			})
		}
		all = append(all, b)
	}
	return all, nil
}

func or(n, byDefault int) int {
	if n == 0 {
		return byDefault
	}
	return n
}
