package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The palette: dark, because it is opened in the dark; one bright thing, which
// is the button to press. Every text has a contrast of at least 7:1 to what it
// stands on (a test reckons it).
var (
	night  = color.NRGBA{0x0d, 0x12, 0x18, 0xff} // the window
	slate  = color.NRGBA{0x17, 0x1f, 0x29, 0xff} // a card
	line   = color.NRGBA{0x2c, 0x38, 0x46, 0xff} // an edge
	raised = color.NRGBA{0x24, 0x2f, 0x3c, 0xff} // a second button
	lifted = color.NRGBA{0x30, 0x3e, 0x4e, 0xff} // the same under the pointer
	rail   = color.NRGBA{0x6b, 0x7f, 0x94, 0xff} // a scroll bar: there is more

	snow = color.NRGBA{0xf4, 0xf7, 0xfa, 0xff} // what matters
	mist = color.NRGBA{0xb4, 0xc2, 0xd0, 0xff} // the rest
	ink  = color.NRGBA{0x07, 0x0b, 0x10, 0xff} // on bright ground

	mint    = color.NRGBA{0x4a, 0xd9, 0x9a, 0xff} // acknowledge
	mintLit = color.NRGBA{0x78, 0xe8, 0xb8, 0xff}
	amber   = color.NRGBA{0xff, 0xc8, 0x57, 0xff} // look here

	red    = color.NRGBA{0xff, 0x7a, 0x70, 0xff}
	orange = color.NRGBA{0xff, 0xa1, 0x5c, 0xff}
	yellow = color.NRGBA{0xff, 0xd4, 0x5e, 0xff}
	sky    = color.NRGBA{0x7c, 0xc4, 0xff, 0xff}
	violet = color.NRGBA{0xc9, 0xa8, 0xff, 0xff}
)

// severityColor goes with severityWord. One that this version does not know
// counts as the worst.
func severityColor(p Page) color.Color {
	switch {
	case p.Cover != nil:
		return sky
	case p.Test:
		return violet
	case p.Severity == "error":
		return orange
	case p.Severity == "warning":
		return yellow
	case p.Severity == "info":
		return sky
	}
	return red
}

// Names of our own within the theme, for text that Fyne lays out.
const (
	colorSnow  fyne.ThemeColorName = "tocsin.snow"
	colorMist  fyne.ThemeColorName = "tocsin.mist"
	colorAmber fyne.ThemeColorName = "tocsin.amber"
	colorMint  fyne.ThemeColorName = "tocsin.mint"

	sizeSmall fyne.ThemeSizeName = "tocsin.small"
	sizeText  fyne.ThemeSizeName = "tocsin.text"
	sizeTitle fyne.ThemeSizeName = "tocsin.title"
	sizeHead  fyne.ThemeSizeName = "tocsin.head"
	sizeHero  fyne.ThemeSizeName = "tocsin.hero"
)

var textSizes = map[fyne.ThemeSizeName]float32{
	sizeSmall: 14, sizeText: 16, sizeTitle: 19, sizeHead: 22, sizeHero: 28,
}

// look is Fyne's theme for all windows of the agent, the same by day.
type look struct{}

func (look) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch name {
	case colorSnow, theme.ColorNameForeground:
		return snow
	case colorMist:
		return mist
	case colorAmber:
		return amber
	case colorMint:
		return mint
	case theme.ColorNameBackground:
		return night
	case theme.ColorNameScrollBar:
		return rail
	case theme.ColorNameScrollBarBackground, theme.ColorNameShadow:
		return color.Transparent
	}
	return theme.DefaultTheme().Color(name, theme.VariantDark)
}

func (look) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := textSizes[name]; ok {
		return s
	}
	switch name {
	case theme.SizeNamePadding, theme.SizeNameLineSpacing:
		return 4
	case theme.SizeNameInnerPadding:
		return 0 // paddings are the layouts' here
	}
	return theme.DefaultTheme().Size(name)
}

func (look) Font(s fyne.TextStyle) fyne.Resource        { return theme.DefaultTheme().Font(s) }
func (look) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// dress gives the app our look; every window does so, whichever is made first.
func dress(app fyne.App) {
	if _, ok := app.Settings().Theme().(look); !ok {
		app.Settings().SetTheme(look{})
	}
}
