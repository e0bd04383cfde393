// Package e2e proves the promises from outside: with simulated networks and
// weeks in milliseconds (sim_*), and with real processes, windows and monitoring
// systems (the other files). It has tests only.
package e2e
