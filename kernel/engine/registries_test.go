package engine

import (
	"strings"
	"testing"
)

// What a cell registers under a name takes the place of what an earlier cell
// has registered; within a cell, and where a package has the name, it fails as it
// does in a program.
func TestCellsRegisterAgain(t *testing.T) {
	nb := open(t)
	fails := func(code, want string) {
		t.Helper()
		if _, err := nb.try(code); err == nil || !strings.Contains(err.Value, want) {
			t.Errorf("%s\nerror %v, want %q", code, err, want)
		}
	}
	nb.run("type Item struct{ A int }\nfunc init() { gob.Register(Item{}) }\nold := any(Item{1})")
	nb.run("type Item struct{ A int; B string }\ngob.Register(Item{})\n" +
		"func through(v any) { var b bytes.Buffer; var w any; fmt.Print(gob.NewEncoder(&b).Encode(&v), gob.NewDecoder(&b).Decode(&w)); fmt.Printf(\" %#v;\", w) }")
	nb.prints("through(Item{1, \"x\"}); through(old)", "<nil> <nil> main.Item{A:1, B:\"x\"};<nil> <nil> main.Item{A:1, B:\"\"};")
	for range 2 {
		nb.prints("gob.RegisterName(\"mine\", Item{})\nthrough(Item{2, \"y\"})", "<nil> <nil> main.Item{A:2, B:\"y\"};")
	}
	fails("type Other int\ngob.RegisterName(\"int\", Other(1))", `gob: registering duplicate types for "int"`)
	fails("type Other int\ngob.RegisterName(\"int\", Other(1))", `gob: registering duplicate types for "int"`)

	for _, code := range []string{
		"expvar.NewInt(\"hits\")", "sql.Register(\"d\", driverOf{})", "pprof.NewProfile(\"mine\")",
		"http.HandleFunc(\"/twice/{x}\", func(http.ResponseWriter, *http.Request) {})",
	} {
		const with = "type driverOf struct{}\nfunc (driverOf) Open(name string) (driver.Conn, error) { return nil, errors.New(name) }\n"
		nb.run(with + code + ";")
		nb.run(with + code + ";")
		fails(code+";\n"+code+";", "")
	}
	nb.run("type S struct{ A int }\nfunc (S) Do(a int, r *int) error { *r = a; return nil }\nerr := rpc.Register(S{})")
	nb.run("type S struct{ A, B int }\nfunc (S) Do(a int, r *int) error { *r = 2 * a; return nil }\nerr := rpc.Register(S{})")
	fails("err := rpc.Register(S{})\nif err == nil { err = rpc.Register(S{}) }", "rpc: service already defined: S")

	nb.run("server := httptest.NewServer(nil)\nfunc get(path string) { r, err := http.Get(server.URL + path); if err != nil { panic(err) }; b, _ := io.ReadAll(r.Body); r.Body.Close(); fmt.Print(path, \" \", string(b), \";\") }\n" +
		"patterns := []string{\"/\", \"/a\", \"/a/b\", \"/v/{x}/c\", \"GET /g/{rest...}\", \"/e/{$}\", \"/l/\"}\nfor i := range 12 { patterns = append(patterns, fmt.Sprint(\"/n\", i)) }")
	for _, handler := range []string{"one", "two", "three"} {
		nb.prints("for _, p := range patterns { http.HandleFunc(p, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, \""+handler+" \", p, r.PathValue(\"x\"), r.PathValue(\"rest\")) }) }\n"+
			"for _, p := range []string{\"/\", \"/a\", \"/a/b\", \"/v/z/c\", \"/g/q/r\", \"/e/\", \"/l/x\", \"/n7\", \"/none\"} { get(p) }",
			strings.ReplaceAll("/ H /;/a H /a;/a/b H /a/b;/v/z/c H /v/{x}/cz;/g/q/r H GET /g/{rest...}q/r;/e/ H /e/{$};/l/x H /l/;/n7 H /n7;/none H /;", "H", handler))
	}
	fails("http.HandleFunc(\"/v/{y}/c\", func(http.ResponseWriter, *http.Request) {})", "conflicts with pattern")
}
