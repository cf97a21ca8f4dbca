package table_test

import (
	"fmt"
	"os"
	"strings"

	"modelbook/dl/data/table"
)

const flowers = `kind,petals,height,found
rose,5,41.5,2024-05-01
tulip,6,35,2024-04-11
rose,5,NA,2024-05-03
tulip,6,38.25,2024-04-20
daisy,34,,2024-06-01
`

func read() *table.Table {
	t, err := table.CSV{}.Read(strings.NewReader(flowers), "flowers.csv")
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleReadCSV() {
	if err := os.WriteFile(os.TempDir()+"/flowers.csv", []byte(flowers), 0o644); err != nil {
		panic(err)
	}
	defer os.Remove(os.TempDir() + "/flowers.csv")
	t, err := table.ReadCSV(os.TempDir() + "/flowers.csv")
	if err != nil {
		panic(err)
	}
	fmt.Println(t)
	fmt.Println(t.Column("height").Kind, t.Column("petals").Kind, t.Column("found").Kind)
	// Output:
	//    kind   petals  height  found
	// 0  rose        5   41.50  2024-05-01
	// 1  tulip       6   35.00  2024-04-11
	// 2  rose        5       -  2024-05-03
	// 3  tulip       6   38.25  2024-04-20
	// 4  daisy      34       -  2024-06-01
	// 5 rows, 4 columns
	// float int time
}

func ExampleCSV() {
	t, err := table.CSV{Comma: ';', Decimal: ',', Kinds: map[string]table.Kind{"size": table.Category}}.Read(
		strings.NewReader("size;price\nlarge;2,5\nsmall;1,25\n"), "prices.csv")
	fmt.Println(t, err, t.Column("size").Levels)

	_, err = table.CSV{}.Read(strings.NewReader("a,b\n1,2\n3\n"), "broken.csv")
	fmt.Println(err)
	// Output:
	//    size   price
	// 0  large  2.500
	// 1  small  1.250
	// 2 rows, 2 columns <nil> [large small]
	// broken.csv:3: 1 fields, expected 2: is the separator ',' right?
}

func ExampleTable_Filter() {
	t := read().Filter(func(r table.Row) bool { return r.Int("petals") < 10 }).Sort("-height").Select("kind", "height")
	fmt.Println(t.Head(2))
	// Output:
	//    kind   height
	// 0  rose    41.50
	// 1  tulip   38.25
	// 2 rows, 2 columns
}

func ExampleTable_Describe() {
	fmt.Println(read().Select("petals", "height").Describe())
	fmt.Println(read().Counts("kind"))
	// Output:
	//    column  kind   count  missing   mean     std     min     25%     50%     75%    max
	// 0  petals  int        5        0  11.20  12.755   5.000   5.000   6.000   6.000  34.00
	// 1  height  float      3        2  38.25   3.250  35.000  36.625  38.250  39.875  41.50
	// 2 rows, 11 columns
	//    kind   count
	// 0  rose       2
	// 1  tulip      2
	// 2  daisy      1
	// 3 rows, 2 columns
}

func ExampleTable_GroupBy() {
	fmt.Println(read().GroupBy("kind").Aggregate(table.Count(), table.Mean("height"), table.Max("found").Named("latest")))
	// Output:
	//    kind   count  height_mean  latest
	// 0  daisy      1            -  2024-06-01
	// 1  rose       2        41.50  2024-05-03
	// 2  tulip      2        36.62  2024-04-20
	// 3 rows, 4 columns
}

func ExampleTable_LeftJoin() {
	colours := table.New(table.Strings("kind", "rose", "daisy"), table.Strings("colour", "red", "white"))
	fmt.Println(read().Select("kind", "petals").LeftJoin(colours, "kind").Head(3))
	// Output:
	//    kind   petals  colour
	// 0  rose        5  red
	// 1  tulip       6  -
	// 2  rose        5  red
	// 3 rows, 3 columns
}

func ExampleTable_Dataset() {
	samples := read().DropMissing().Dataset("kind", "petals", "height")
	fmt.Println(samples.Len(), samples.Spec().X, samples.Spec().Classes)
	// Output: 3 [2] [rose tulip]
}

func ExampleParseJSONLines() {
	t, err := table.ParseJSONLines(strings.NewReader(`{"name": "Ada", "born": 1815}
{"name": "Alan", "born": 1912, "note": "computable numbers"}
`), "people.jsonl")
	fmt.Println(t, err)
	// Output:
	//    name  born  note
	// 0  Ada   1815  -
	// 1  Alan  1912  computable numbers
	// 2 rows, 3 columns <nil>
}
