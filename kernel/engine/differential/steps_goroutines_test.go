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
}
