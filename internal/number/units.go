package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes formats a number of bytes in the unit that suits it: "2.0 KiB".
func Bytes(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1024, 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}

// Duration formats a duration with about three digits: "12.3 ms".
func Duration(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= 10*unit {
			d = d.Round(unit / 10)
			break
		}
	}
	s := d.String()
	if i := strings.LastIndexAny(s, "0123456789"); i >= 0 && d < time.Minute {
		s = s[:i+1] + " " + s[i+1:]
	}
	return s
}

// Sampled formats a duration that a profile has sampled, no finer than the
// milliseconds it knows: "600 ms".
func Sampled(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// Nanoseconds formats a mean duration, which may be a fraction of a nanosecond,
// with so many significant digits: "0.312 ns".
func Nanoseconds(ns float64, digits int) string {
	for _, unit := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}, {"ns", 1}} {
		if ns < unit.ns && unit.ns > 1 {
			continue
		}
		v, decimals := ns/unit.ns, 0
		if v >= 0.5*math.Pow10(1-digits) {
			decimals = min(max(0, digits-1-int(math.Floor(math.Log10(v)))), digits-1)
		}
		return strconv.FormatFloat(v, 'f', decimals, 64) + " " + unit.name
	}
	return ""
}

// PercentOf formats a part of a whole: "12.5%".
func PercentOf(part, whole float64) string {
	if whole == 0 {
		return "0.0%"
	}
	return fmt.Sprintf("%.1f%%", 100*part/whole)
}
