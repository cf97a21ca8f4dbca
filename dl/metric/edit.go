package metric

// EditDistance is the mean of how many tokens must be put in, left out or replaced to make a reference of a text
// (Levenshtein). Of several references the closest counts.
type EditDistance struct{}

// WordErrorRate is the edits that make the references of the texts, by the number of tokens of the references: of words
// the word error rate (WER), as for speech recognition, of [Characters] the character error rate (CER). It may be above
// 1. All tokens count alike, whichever text they are of.
type WordErrorRate struct{}

// CharacterErrorRate is [WordErrorRate] of the characters of the words, a space between them included.
type CharacterErrorRate struct{}

// Name is the name in tables and histories: see [TextMetric].
func (EditDistance) Name() string { return "edit_distance" }

// Name is the name in tables and histories: see [TextMetric].
func (WordErrorRate) Name() string { return "wer" }

// Name is the name in tables and histories: see [TextMetric].
func (CharacterErrorRate) Name() string { return "cer" }

// Direction says which values are better: see [Directed].
func (EditDistance) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (WordErrorRate) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (CharacterErrorRate) Direction() Direction { return SmallerIsBetter }

// Start begins a measurement: see [TextMetric].
func (EditDistance) Start() TextMeter {
	return &textMean{share: share{op: "metric.EditDistance"}, smaller: true, of: func(text, reference []string) (float64, float64) {
		return float64(Edits(text, reference)), 1
	}}
}

// Start begins a measurement: see [TextMetric].
func (WordErrorRate) Start() TextMeter {
	return &textMean{share: share{op: "metric.WordErrorRate"}, smaller: true, of: errorRate}
}

// Start begins a measurement: see [TextMetric].
func (CharacterErrorRate) Start() TextMeter {
	return &textMean{share: share{op: "metric.CharacterErrorRate"}, smaller: true, of: func(text, reference []string) (float64, float64) {
		return errorRate(spelled(text), spelled(reference))
	}}
}

func errorRate(text, reference []string) (edits, tokens float64) {
	return float64(Edits(text, reference)), float64(len(reference))
}

// spelled are the characters of words.
func spelled(words []string) (characters []string) {
	for i, w := range words {
		if i > 0 {
			characters = append(characters, " ")
		}
		characters = append(characters, Characters(w)...)
	}
	return characters
}

// Edits is the Levenshtein distance: how many tokens must be put in, left out or replaced to make b of a.
func Edits(a, b []string) int {
	row := make([]int, len(b)+1) // from the tokens of a so far to the first j of b
	for j := range row {
		row[j] = j
	}
	for i, s := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, t := range b {
			above := row[j+1]
			if s == t {
				row[j+1] = diagonal
			} else {
				row[j+1] = 1 + min(diagonal, above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
