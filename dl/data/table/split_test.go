package table_test

import (
	"fmt"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data/table"
)

// Each row is in one part, the rest of its columns with it, and with a column both parts have its values in the same
// shares.
func TestSplits(t *testing.T) {
	numbers, kinds := make([]int64, 40), make([]string, 40)
	for i := range numbers {
		numbers[i], kinds[i] = int64(i), "common"
		if i%5 == 0 { // 8 of 40
			kinds[i] = "rare"
		}
	}
	all := table.New(table.Ints("number", numbers...), table.Strings("kind", kinds...))
	for name, split := range map[string]func(seed uint64) (a, b *table.Table){
		"random":     func(seed uint64) (a, b *table.Table) { return all.RandomSplit(0.25, dl.NewRand(seed)) },
		"stratified": func(seed uint64) (a, b *table.Table) { return all.StratifiedSplit("kind", 0.25, dl.NewRand(seed)) },
	} {
		first, second := split(1)
		if first.Len() != 30 || second.Len() != 10 {
			t.Errorf("%s: %d and %d rows", name, first.Len(), second.Len())
		}
		both := first.Append(second)
		for i := range both.Len() {
			if row := both.Row(i); row.Text("kind") != kinds[row.Int("number")] {
				t.Errorf("%s: row %d has the kind %s", name, row.Int("number"), row.Text("kind"))
			}
		}
		together := slices.Clone(both.Column("number").Ints)
		if slices.Sort(together); !slices.Equal(together, numbers) {
			t.Errorf("%s: the parts have %v", name, together)
		}
		if again, _ := split(1); fmt.Sprint(again.Column("number").Ints) != fmt.Sprint(first.Column("number").Ints) {
			t.Errorf("%s: the same seed, another part", name)
		}
		if other, _ := split(2); fmt.Sprint(other.Column("number").Ints) == fmt.Sprint(first.Column("number").Ints) {
			t.Errorf("%s: another seed, the same part", name)
		}
	}
	_, second := all.StratifiedSplit("kind", 0.25, dl.NewRand(3))
	if n := second.Filter(func(r table.Row) bool { return r.Text("kind") == "rare" }).Len(); n != 2 {
		t.Errorf("%d of 8 rare rows are among a fourth of the rows", n)
	}
}

func ExampleTable_StratifiedSplit() {
	visits := table.New(table.Ints("minutes", 3, 8, 5, 13, 2, 9, 4, 7), table.Bools("bought", false, true, false, true, false, true, false, true))
	training, test := visits.StratifiedSplit("bought", 0.25, dl.NewRand(1))
	fmt.Println(training.Counts("bought"))
	fmt.Println(test.Counts("bought"))
	// Output:
	//    bought  count
	// 0  false       3
	// 1  true        3
	// 2 rows, 2 columns
	//    bought  count
	// 0  false       1
	// 1  true        1
	// 2 rows, 2 columns
}
