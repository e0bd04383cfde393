// Package rota knows tocsin.yaml: it reads the file with the place of every
// mistake, says what applying it would change and what to beware of, applies it
// as one revision, and writes it out again.
//
//	file ── Parse ──► File ─┐
//	                        ├─ plan ──► Documents, changes, warnings ──► one revision
//	store ── objects ───────┘                    │
//	                                           Build ──► organisation.Set
//
// What is stored and exported is the document as it was written, with its
// defaults filled in, so that a later default never moves anybody's pages.
package rota
