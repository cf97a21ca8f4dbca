package differential

// goroutineSteps are steps with channels and goroutines.
var goroutineSteps = []step{
	// Channels and goroutines.
	{vars: "$out chan int", text: `$out ≔ make(chan int, #)
go func() {
	defer close($out)
	for i := range 20 {
		$out <- i * i
	}
}()
sum := 0
for v := range $out {
	sum += v
}
fmt.Println(sum)
`},
	{makes: "server", vars: "$ask chan int | $reply chan string", text: `func $answer(k int) string { return fmt.Sprint("answer", k+#) }
$ask, $reply ≔ make(chan int), make(chan string)
go func() {
	for k := range $ask {
		$reply <- $answer(k)
	}
}()
$ask <- #
fmt.Println(<-$reply)
`, again: []string{`func $answer(k int) string { return fmt.Sprint("other", k*#) }`}},
	{use: []string{"server"}, text: `for i := range # {
	$ask <- i
	fmt.Print(<-$reply, " ", $answer(i), " ")
}
fmt.Println()
`},
	{vars: "$mu sync.Mutex | $n int", text: `var $mu sync.Mutex
$n ≔ 0
var wg sync.WaitGroup
for i := range 8 {
	wg.Add(1)
	go func(by int) {
		defer wg.Done()
		for range 50 {
			$mu.Lock()
			$n += by
			$mu.Unlock()
		}
	}(i + #)
}
wg.Wait()
fmt.Println($n)
`},
	{text: `func $work(in <-chan int, out chan<- int, wg *sync.WaitGroup) {
	defer wg.Done()
	for v := range in {
		out <- v * #
	}
}
in, out, wg := make(chan int), make(chan int, 100), new(sync.WaitGroup)
for range 3 {
	wg.Add(1)
	go $work(in, out, wg)
}
for i := range 30 {
	in <- i
}
close(in)
wg.Wait()
close(out)
all := 0
for v := range out {
	all += v
}
fmt.Println(all)
`},
	{text: `done, ticks := make(chan struct{}), make(chan int)
go func() {
	for i := range # {
		ticks <- i
	}
	close(done)
}()
seen := 0
$loop:
for {
	select {
	case k := <-ticks:
		seen += k + 1
	case <-done:
		break $loop
	}
}
fmt.Println(seen)
`},
	{text: `sub, cancel := context.WithCancel(context.Background())
var late atomic.Int64
stop := context.AfterFunc(sub, func() { late.Add(#) })
cancel()
for late.Load() == 0 {
	runtime.Gosched()
}
fmt.Println(late.Load() > 0, sub.Err(), stop())
`},
	{makes: "inbox", vars: "$in chan int | $quit chan struct{} | $got chan []int", text: `func $collect(in <-chan int, quit <-chan struct{}, got chan<- []int) {
	var all []int
	for {
		select {
		case v := <-in:
			all = append(all, v*#)
		case <-quit:
			got <- all
			return
		}
	}
}
$in, $quit, $got ≔ make(chan int), make(chan struct{}), make(chan []int)
go $collect($in, $quit, $got)
$in <- #
`, again: []string{"func $collect(in <-chan int, quit <-chan struct{}, got chan<- []int) {\n\tn := 0\n\tfor {\n\t\tselect {\n\t\tcase <-in:\n\t\t\tn++\n\t\tcase <-quit:\n\t\t\tgot <- []int{n}\n\t\t\treturn\n\t\t}\n\t}\n}\n"}},
	{use: []string{"inbox"}, text: `for i := range # {
	$in <- i
}
`},
	{use: []string{"inbox"}, text: `close($quit)
fmt.Println(<-$got)
$quit = make(chan struct{})
go $collect($in, $quit, $got)
`},
	{makes: "feed", vars: "$nums <-chan int", text: `func $count(from int) <-chan int {
	out := make(chan int)
	go func() {
		for i := from; ; i += # {
			out <- i
		}
	}()
	return out
}
$nums ≔ $count(#)
fmt.Println(<-$nums, <-$nums)
`, again: []string{"func $count(from int) <-chan int {\n\tout := make(chan int, 1)\n\tout <- from\n\tclose(out)\n\treturn out\n}\n"}},
	{use: []string{"feed"}, text: `a, b := <-$nums, <-$nums
v, open := <-$nums
fmt.Println(a, b, v, open)
`},
	{use: []string{"feed"}, text: `func $double(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		for v := range in {
			out <- 2 * v
		}
		close(out)
	}()
	return out
}
$nums = $double($count(#))
fmt.Println(<-$nums, len($nums))
`},
	{makes: "once", vars: "$once sync.Once | $made []string | $lock sync.RWMutex", text: `func $get() []string {
	$once.Do(func() { $made = append($made, "made#") })
	$lock.RLock()
	defer $lock.RUnlock()
	return $made
}
var $once sync.Once
var $made []string
var $lock sync.RWMutex
fmt.Println($get(), $get())
`, again: []string{"func $get() []string {\n\t$once.Do(func() { $made = nil })\n\treturn append($made, \"other\")\n}\n"}},
	{use: []string{"once"}, text: `var all sync.WaitGroup
for i := range 5 {
	all.Go(func() {
		$lock.Lock()
		defer $lock.Unlock()
		$made = append($made, fmt.Sprint(i))
	})
}
all.Wait()
slices.Sort($made)
fmt.Println(len($get()), $lock.TryRLock(), $made[0])
$lock.RUnlock()
`},
	{makes: "shared", vars: "$hits atomic.Int64 | $latest atomic.Pointer[$Snap] | $seen sync.Map", text: `type $Snap struct {
	n    int
	from string
}
func $note(n int) {
	$hits.Add(int64(n))
	$latest.Store(&$Snap{n, "note#"})
	$seen.Store(n, $hits.Load())
}
var $hits atomic.Int64
var $latest atomic.Pointer[$Snap]
var $seen sync.Map
$note(#)
fmt.Printf("%d %+v\n", $hits.Load(), *$latest.Load())
`, again: []string{"func $note(n int) { $hits.Add(-int64(n)); $latest.Store(&$Snap{n: n * #}) }", "func (s $Snap) String() string { return s.from + \"!\" }"},
		wider: "type $Snap struct {\n\tn    int64\n\tfrom string\n\tat   float64\n}\n"},
	{use: []string{"shared"}, text: `done := make(chan bool)
for i := range 4 {
	go func() {
		defer func() { recover(); done <- true }()
		$hits.Add(1)
		if i == 2 {
			panic("a goroutine's own")
		}
	}()
}
for range 4 {
	<-done
}
$note(#)
fmt.Println($hits.Load(), $latest.Load())
`},
	{makes: "cond", vars: "$turn int | $cond *sync.Cond", text: `$turn, $cond ≔ 0, sync.NewCond(new(sync.Mutex))
order := make(chan int, 3)
for i := range 3 {
	go func() {
		$cond.L.Lock()
		defer $cond.L.Unlock()
		for $turn != i {
			$cond.Wait()
		}
		order <- i * #
		$turn++
		$cond.Broadcast()
	}()
}
fmt.Println(<-order, <-order, <-order)
`},
	{use: []string{"cond"}, text: `$cond.L.Lock()
$turn += #
$cond.L.Unlock()
fmt.Println($turn)
`},
	{makes: "cancel", vars: "$sub context.Context | $end context.CancelFunc | $over chan error", text: `$sub, $end ≔ context.WithCancel(context.WithValue(context.Background(), "k", #))
$over ≔ make(chan error, 1)
go func(c context.Context, over chan<- error) {
	<-c.Done()
	over <- c.Err()
}($sub, $over)
fmt.Println($sub.Err(), $sub.Value("k"))
`},
	{use: []string{"cancel"}, text: `select {
case err := <-$over:
	fmt.Println("over", err)
default:
	if $sub.Err() == nil {
		$end()
		fmt.Println(<-$over, $sub.Err())
	}
}
$end()
`},
	{makes: "merge", text: `func $merge[V any](ins ...<-chan V) <-chan V {
	out, wg := make(chan V), new(sync.WaitGroup)
	for _, in := range ins {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range in {
				out <- v
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}
func $send[V any](vs ...V) <-chan V {
	c := make(chan V, len(vs))
	defer close(c)
	for _, v := range vs {
		c <- v
	}
	return c
}
total := 0
for v := range $merge($send(1, #), $send(#)) {
	total += v
}
fmt.Println(total)
`},
}
