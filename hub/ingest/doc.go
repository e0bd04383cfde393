// Package ingest takes in events over HTTP. Each format stands in a file of its
// own and is a pure function from a body to an incident.Event; what they share
// (reading the body, finding the integration of a key, the answer after the
// commit) stands in ingest.go.
//
// A sender is answered with 2xx only after its event is on disk, with 4xx when
// trying again is of no use, and with 5xx when it should.
package ingest
