package rota

import (
	"iter"
	"strings"
)

// didYouMean gives the nearest known name as the end of a sentence, or nothing
// if none is near.
func didYouMean(name string, known iter.Seq[string]) string {
	best, least := "", max(1, len(name)/3)+1
	for k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k), least+1)
		if d < least || d == least && best != "" && k < best { // the first by name, whatever the order
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return `; did you mean "` + best + `"?`
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbours between two words. It gives up with limit where there are as many.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 100 {
		return limit
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			d := row[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			next[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit
		}
		before, row = row, next
	}
	return min(row[len(b)], limit)
}
