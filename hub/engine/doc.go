// Package engine carries out what the core decides. It loads an incident, lets
// a command or the clock change it, asks escalation.Decide until nothing is left
// to do, and saves it all in one transaction; then it tells who listens.
//
//	Do(id, work) ─┐
//	Ingest(event) ├─► Update{ load → work → Decide, Apply … → save } ─► publish
//	the loop ─────┘
//	   ▲ the earliest wake_at | hint | poll
//
// Several hubs may do this at once: the claim of what is due is economy, the
// version check when saving is safety, a lost hint costs a poll's wait.
package engine
