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
//	inbox ── Model ──► AlarmWindow, QuestionWindow, StatusWindow, DutyWindow, SheetWindow, tray
//	inbox ◄─ Intent ── clicks
//
// What keeps a click from meaning something else than the person saw:
//
//   - an intent names pages and openings as they were drawn (Ref);
//   - what has moved under the pointer is deaf for a moment (gate), and keys are
//     while somebody types for another window;
//   - "Acknowledge all" names what had been on the screen when the finger went
//     down, and stays where it is while pages keep coming (storm);
//   - taking somebody's shift over is never part of anything else.
package ui
