package plotting

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

var (
	svgText = regexp.MustCompile(`<text ([^>]*)>([^<]*)</text>`)
	svgSize = regexp.MustCompile(`font-size:([0-9.]+)px`)
)

// widthsKept writes beside every text of an SVG the width that the layout was made for, so that a viewer with another
// font squeezes or spreads its letters in place of running into what stands beside; spaces in a row stay as many.
func widthsKept(svg string) string {
	return svgText.ReplaceAllStringFunc(svg, func(text string) string {
		parts := svgText.FindStringSubmatch(text)
		size := svgSize.FindStringSubmatch(parts[1])
		if size == nil {
			return text
		}
		points, err := strconv.ParseFloat(size[1], 64)
		if err != nil {
			return text
		}
		s := style{size: points * float64(vg.Points(1)/perPixel), bold: strings.Contains(parts[1], "font-weight:bold")}
		width := s.width(html.UnescapeString(parts[2])) * float64(perPixel/vg.Points(1))
		return fmt.Sprintf(`<text textLength="%.2f" lengthAdjust="spacingAndGlyphs" xml:space="preserve" %s>%s</text>`, width, parts[1], parts[2])
	})
}
