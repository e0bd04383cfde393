// Package readiness knows when it is looked whether somebody who will be on call
// can be reached, and what the look means: 24 hours and 2 hours before a shift, by
// day, and at its start.
//
// It is part of the core: values in, values out, now is a parameter. Package
// muster looks, and tells.
package readiness
