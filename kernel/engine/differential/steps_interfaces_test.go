package differential

// interfaceSteps are steps with interfaces: embedded ones, values that are
// boxed in one cell and taken out in another, errors, text and JSON.
var interfaceSteps = []step{
	{makes: "layers", boxes: true, vars: "$lay $L | $lr $Rd", text: `type $Rd interface{ read() string }
type $Wr interface{ write(string) int }
type $RW interface {
	$Rd
	$Wr
	fmt.Stringer
}
type $Base struct{ buf []string }
func (b *$Base) write(s string) int { b.buf = append(b.buf, s); return len(b.buf) }
func (b *$Base) read() string { return strings.Join(b.buf, "+#") }
type $L struct {
	*$Base
	$Wr2 $Wr
	level int
}
type $Wr2 int
func (l $L) read() string { return fmt.Sprint(l.level, l.$Base.read()) }
func (l $L) String() string { return "L(" + l.read() + ")" }
func $copy(rw $RW) string { rw.write(rw.read()); return rw.String() }
$lay ≔ $L{$Base: &$Base{}, level: #}
$lay.$Wr2 = $lay
$lay.write("a")
var $lr $Rd = $lay
fmt.Println($lr, $copy($lay), $lay.$Wr2.write("b"))
`, again: []string{
		"func (b *$Base) read() string { return fmt.Sprint(len(b.buf)) }",
		"func (l $L) String() string { return fmt.Sprint(\"level\", l.level) }",
	}, wider: "type $Base struct {\n\tn   int\n\tbuf []string\n}\n"},
	{use: []string{"layers"}, text: `if rw, ok := $lr.($RW); ok {
	fmt.Print($copy(rw), " ")
}
_, isBase := any($lay.$Base).($Rd)
_, isL := $lr.($L)
fmt.Println(isBase, isL, $lr.read(), len($lay.buf))
`},
	{makes: "keyed", boxes: true, vars: "$any map[any]string | $list []any", text: `type $Pt struct{ x, y int }
type $Id string
$any ≔ map[any]string{$Pt{1, #}: "point", $Id("i"): "id", "i": "string", 2.5: "float", [2]$Id{"a", "b"}: "array"}
$list ≔ []any{$Pt{1, 2}, &$Pt{3, 4}, $Id("q"), []$Pt{{5, 6}}, map[$Id]$Pt{"m": {7, #}}, func() $Id { return "f" }, nil}
fmt.Println(len($any), $any[$Id("i")], $any["i"], $any[$Pt{1, 2}])
`, again: []string{"func (p $Pt) String() string { return fmt.Sprint(p.x, \"/\", p.y) }", "type $Pt struct{ x, y int }"}},
	{use: []string{"keyed"}, text: `func $name(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case $Pt, *$Pt:
		return fmt.Sprintf("%T", v)
	case $Id:
		return "id " + string(v)
	case []$Pt:
		return fmt.Sprint("points", v[0].x)
	case map[$Id]$Pt:
		return fmt.Sprint("map", v["m"].y)
	case func() $Id:
		return "func " + string(v())
	}
	return "other"
}
for _, v := range $list {
	fmt.Print($name(v), ", ")
}
$any[$Pt{#, #}] = "more"
fmt.Println($any[[2]$Id{"a", "b"}], $any[$Id("i")], $list[0] == any($Pt{1, 2}))
`},
	{use: []string{"keyed"}, text: `$list = append($list, $list[0])
pt, isPt := $list[len($list)-1].($Pt)
_, isString := $list[2].(string)
fmt.Println(pt.x, isPt, isString, $list[0] == $list[len($list)-1])
`},
	{makes: "wrapped", boxes: true, vars: "$gone error | $deep error", text: `type $Code int
func (c $Code) Error() string { return fmt.Sprint("code ", int(c)) }
func (c $Code) Is(other error) bool { return other == $gone || other == error(c) }
type $Op struct {
	name string
	err  error
}
func (o *$Op) Error() string { return o.name + ": " + o.err.Error() }
func (o *$Op) Unwrap() error { return o.err }
$gone ≔ errors.New("gone")
$deep ≔ fmt.Errorf("outer: %w", &$Op{"op", $Code(#)})
fmt.Println($deep, errors.Is($deep, $gone), errors.Unwrap($gone))
`, again: []string{"func (o *$Op) Error() string { return o.name + \" failed\" }", "func (c $Code) Error() string { return fmt.Sprintf(\"#%03d\", int(c)) }"}},
	{use: []string{"wrapped"}, text: `var op *$Op
var code $Code
okOp, okCode := errors.As($deep, &op), errors.As($deep, &code)
fmt.Println(okOp, okCode, op.name, int(code), errors.Is($deep, $gone), errors.Is($deep, $Code(#)))
`},
	{use: []string{"wrapped"}, text: `$deep = errors.Join($deep, $gone)
func() {
	defer func() {
		err, ok := recover().(error)
		fmt.Println(ok, errors.Is(err, $gone), err)
	}()
	panic($deep)
}()
`},
	{use: []string{"wrapped"}, text: `panic($deep)
`, panics: true},
	{makes: "sentinel", vars: "$missing error", text: `func $lookup(k int) (string, error) {
	if k%2 == 1 {
		return "", fmt.Errorf("lookup %d: %w", k, $missing)
	}
	return strconv.Itoa(k), nil
}
$missing ≔ errors.New("missing")
_, err := $lookup(#)
fmt.Println(err, errors.Is(err, $missing))
`, again: []string{"func $lookup(k int) (string, error) { return \"always\", errors.Join($missing, errors.New(\"and #\")) }"}},
	{use: []string{"sentinel"}, text: `for k := range 3 {
	if s, err := $lookup(k); errors.Is(err, $missing) {
		fmt.Print(err, "; ")
	} else {
		fmt.Print(s, " ")
	}
}
fmt.Println()
`},
	{use: []string{"sentinel"}, vars: "$text string | $why error", text: `$text, $why ≔ $lookup(1)
`, raises: "$why"},
	{makes: "json", vars: "$cfg $Cfg", text: `type $Level int
func (l $Level) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("level-", int(l))), nil }
func (l *$Level) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "level-%d", (*int)(l))
	return err
}
type $Cfg struct {
	Name  string            ` + "`json:\"name\" xml:\"n\"`" + `
	Level $Level            ` + "`json:\"level\"`" + `
	Tags  map[$Level][]int  ` + "`json:\"tags,omitempty\"`" + `
	Inner *$Cfg             ` + "`json:\"inner,omitempty\"`" + `
	Skip  func()            ` + "`json:\"-\"`" + `
	quiet bool
}
$cfg ≔ $Cfg{Name: "c#", Level: #, Inner: &$Cfg{Name: "in", quiet: true}}
b, err := json.Marshal($cfg)
fmt.Println(string(b), err, reflect.TypeOf($cfg).Field(0).Tag.Get("xml"))
`, again: []string{"func (l $Level) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(\"level-\", int(l)*10)), nil }"},
		wider: "type $Cfg struct {\n\tName  string\n\tLevel $Level\n\tTags  map[$Level][]int\n\tInner *$Cfg\n\tSkip  func()\n\tMore  []string\n\tquiet bool\n}\n"},
	{use: []string{"json"}, text: `err := json.Unmarshal([]byte(` + "`{\"name\":\"n#\",\"Level\":\"level-#\",\"tags\":{\"level-2\":[1,2]},\"quiet\":true}`" + `), &$cfg)
fmt.Printf("%v %+v %T %v\n", $cfg.Name, $cfg.Tags, $cfg.Tags, err)
out, fault := json.MarshalIndent($cfg, "", " ")
fmt.Println(string(out), fault)
`},
	{makes: "template", vars: "$tpl *template.Template | $who $Who", text: `type $Who struct {
	First string
	Pets  []string
}
func (w $Who) Upper() string { return strings.ToUpper(w.First) }
func (w *$Who) Rename(s string) string { w.First = s; return "" }
$tpl ≔ template.Must(template.New("t").Parse("{{.Upper}} has{{range .Pets}} {{.}}{{end}}\n"))
$who ≔ $Who{"ann", []string{"cat", "dog#"}}
var sb strings.Builder
fault := $tpl.Execute(&sb, &$who)
fmt.Print(sb.String(), fault, "\n")
`, again: []string{"func (w $Who) Upper() string { return w.First + w.First }"}},
	{use: []string{"template"}, text: `$who.Rename("b#")
var sb strings.Builder
fault := $tpl.Execute(&sb, $who)
m := reflect.ValueOf(&$who).MethodByName("Rename")
m.Call([]reflect.Value{reflect.ValueOf("reflected")})
fmt.Print(sb.String(), fault, m.IsValid(), $who.First, "\n")
`},
	{makes: "heap", vars: "$pq $PQ", text: `type $PQ []int
func (p $PQ) Len() int { return len(p) }
func (p $PQ) Less(i, j int) bool { return p[i] < p[j] }
func (p $PQ) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *$PQ) Push(v any) { *p = append(*p, v.(int)) }
func (p *$PQ) Pop() any {
	old := *p
	v := old[len(old)-1]
	*p = old[:len(old)-1]
	return v
}
$pq ≔ $PQ{5, #, #}
heap.Init(&$pq)
heap.Push(&$pq, #)
fmt.Println(heap.Pop(&$pq), $pq[0])
`, again: []string{"func (p $PQ) Less(i, j int) bool { return p[i] > p[j] }", "type $PQ []int"}},
	{use: []string{"heap"}, text: `heap.Init(&$pq)
heap.Push(&$pq, 10+#)
for range 2 {
	fmt.Print(heap.Pop(&$pq), " ")
}
sort.Sort(sort.Reverse($pq))
fmt.Println(len($pq), sort.IsSorted(sort.Reverse($pq)))
heap.Push(&$pq, #)
`},
	{makes: "reader", vars: "$in *$In", text: `type $In struct {
	left int
	io.Writer
}
func (r *$In) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, strings.Repeat("ab", r.left))
	r.left--
	return n, nil
}
$in ≔ &$In{left: #}
all, err := io.ReadAll($in)
fmt.Println(len(all), err)
`, again: []string{"func (r *$In) Close() error { r.left = 0; return nil }"}},
	{use: []string{"reader"}, text: `var buf bytes.Buffer
$in.left, $in.Writer = 2, &buf
n, err := io.Copy($in, $in)
closer, ok := any($in).(io.Closer)
fmt.Println(n, err, buf.String(), ok, closer != nil)
`},
	{vars: "$cx context.Context", makes: "context", boxes: true, text: `type $Key struct{ name string }
$cx ≔ context.WithValue(context.Background(), $Key{"k"}, #)
fmt.Println($cx.Value($Key{"k"}), $cx.Value($Key{"other"}), $cx.Value("k"))
`, again: []string{"func (k $Key) extra() {}", "type $Key struct{ name string }"}},
	{use: []string{"context"}, text: `sub := context.WithValue($cx, $Key{"sub"}, $Key{"#"})
v, ok := sub.Value($Key{"sub"}).($Key)
fmt.Println(sub.Value($Key{"k"}), v.name, ok)
`},
}
