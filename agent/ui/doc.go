// Package ui draws the agent's windows with Fyne. Each window is a function of
// a view model: Render takes the whole state, clicks come back as intents, and
// nothing is decided here.
//
// All methods of the windows may be called from any goroutine; what touches
// widgets is passed on to Fyne's own. A Render with an equal model does
// nothing, and the only clock is the alarm window's countdown, which ticks
// while that window is up.
//
// The windows give the app their look (a theme of our own) when they are made.
//
//	inbox ── Model ──► AlarmWindow, StatusWindow, DutyWindow, tray
//	inbox ◄─ Intent ── clicks
package ui
