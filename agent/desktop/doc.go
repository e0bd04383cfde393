// Package desktop puts the agent on a desktop: it turns the inbox's state into
// what the windows, the tray and the sound show, what people do into messages,
// and what can be proven of an alarm into proofs. It decides nothing about
// pages.
//
//	inbox.State ─► modelOf ─► alarm window, status window, tray
//	            ─► sound
//	inbox.Effect ─► notifications, raising the window
//	clicks, notification buttons ─► inbox messages, calls to the hub
//	sound server, display ─► prover ─► Proof, CouldNot
package desktop
