// Package desktop puts the agent on a desktop: it turns the inbox's state into
// what the windows, the tray and the sound show, what people do into messages,
// and what can be proven of an alarm into proofs. It decides nothing about
// pages.
//
//	inbox.State ─► modelOf ─► the windows, the tray
//	            ─► sound
//	inbox.Effect ─► notifications (of a storm one), raising the window, probes
//	clicks, notification buttons ─► inbox messages, calls to the hub
//	sound server, display ─► prover ─► Proof, CouldNot
//	login service: sleep, shutdown ─► Goodbye, Wake
package desktop
