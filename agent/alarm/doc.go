// Package alarm makes an alarm heard and seen without any window toolkit: the
// looping sound, the desktop's own notification, and the proof that a window
// really is in front of somebody. What differs by operating system stands in
// files named for it.
//
// Everything here answers with what is known to have happened, never with
// what was asked for: a receipt is made from it.
package alarm
