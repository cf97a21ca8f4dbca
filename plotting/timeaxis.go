package plotting

import (
	"math"
	"time"
)

// timeSteps are the distances of ticks on an axis of times.
var timeSteps = []struct {
	seconds float64 // about
	months  int     // or so many months
	format  string
}{
	{1e-3, 0, "05.000"}, {1e-2, 0, "05.00"}, {1e-1, 0, "05.0"}, {1, 0, "15:04:05"}, {5, 0, "15:04:05"}, {15, 0, "15:04:05"}, {30, 0, "15:04:05"},
	{minute, 0, "15:04"}, {5 * minute, 0, "15:04"}, {15 * minute, 0, "15:04"}, {30 * minute, 0, "15:04"},
	{hour, 0, "15:04"}, {3 * hour, 0, "15:04"}, {6 * hour, 0, "15:04"}, {12 * hour, 0, "15:04"},
	{day, 0, "2 Jan"}, {2 * day, 0, "2 Jan"}, {7 * day, 0, "2 Jan"}, {14 * day, 0, "2 Jan"},
	{30 * day, 1, "Jan"}, {91 * day, 3, "Jan"}, {182 * day, 6, "Jan"},
	{year, 12, "2006"}, {2 * year, 24, "2006"}, {5 * year, 60, "2006"}, {10 * year, 120, "2006"}, {20 * year, 240, "2006"}, {50 * year, 600, "2006"},
	{100 * year, 1200, "2006"}, {500 * year, 6000, "2006"}, {1000 * year, 12000, "2006"},
}

const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365.25 * day
)

// farthest are the seconds about 1970 that are shown as times: some thousand years.
const farthest = 8000 * year

// secondsOf are the seconds since 1970 of a time, NaN of the zero time, which says that there is none.
func secondsOf(t time.Time) float64 {
	if t.IsZero() {
		return math.NaN()
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func timeOf(seconds float64, place *time.Location) time.Time {
	seconds = min(max(seconds, -farthest), farthest)
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64(math.Round((seconds-whole)*1e6))*1000).In(place)
}

// timeTicks are round times between two, as many as have room beside one another.
func timeTicks(lo, hi, width float64, s style, place *time.Location) tickMarks {
	var marks tickMarks
	for _, step := range timeSteps {
		if (hi-lo)/step.seconds > width/24 {
			continue
		}
		marks = tickMarks{}
		widest := 0.0
		for _, at := range roundTimes(lo, hi, step.seconds, step.months, place) {
			t := timeOf(at, place)
			text := t.Format(step.format)
			switch {
			case step.seconds < day && step.seconds >= minute && t.Hour() == 0 && t.Minute() == 0:
				text = t.Format("2 Jan")
			case step.months > 0 && step.months < 12 && t.Month() == time.January:
				text = t.Format("2006")
			}
			marks.values, marks.texts = append(marks.values, at), append(marks.texts, text)
			widest = max(widest, s.width(text))
		}
		room := width
		for i := 1; i < len(marks.values); i++ {
			room = min(room, (marks.values[i]-marks.values[i-1])/(hi-lo)*width)
		}
		if widest+12 <= room {
			break
		}
	}
	return marks
}

// roundTimes are the times between lo and hi that are multiples of a step in a place's clock.
func roundTimes(lo, hi, step float64, months int, place *time.Location) []float64 {
	var list []float64
	first := timeOf(lo, place)
	for i := range 400 {
		var at float64
		switch {
		case months > 0:
			number := first.Year()*12 + int(first.Month()) - 1
			number = int(math.Floor(float64(number)/float64(months)))*months + i*months
			at = secondsOf(time.Date(int(math.Floor(float64(number)/12)), time.Month((number%12+12)%12+1), 1, 0, 0, 0, 0, place))
		case step >= day:
			// Days of the place's clock, which may have 23 hours; weeks begin on Mondays.
			n := int(step / day)
			date := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, place)
			utc := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, time.UTC)
			passed := int(math.Floor(float64(utc.Unix())/day)) + 3 // 1 January 1970 was a Thursday
			at = secondsOf(date.AddDate(0, 0, -((passed%n)+n)%n+i*n))
		default:
			_, offset := first.Zone()
			at = (math.Floor((lo+float64(offset))/step)+float64(i))*step - float64(offset)
		}
		if at > hi {
			break
		}
		if at >= lo {
			list = append(list, at)
		}
	}
	return list
}

// span says from when to when times go, as short as tells them apart.
func span(lo, hi float64, place *time.Location) (from, to string) {
	a, b := timeOf(lo, place), timeOf(hi, place)
	format := "2 Jan 2006"
	if hi-lo < 2*day {
		format = "2 Jan 2006 15:04"
	}
	if hi-lo < 2*minute {
		format = "2 Jan 2006 15:04:05"
	}
	return a.Format(format), b.Format(format)
}
