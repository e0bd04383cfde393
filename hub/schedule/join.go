package schedule

// Join makes one shift of those that follow each other with the same user: who
// decides is nothing to a person who stays on call. Where a layer hands over to
// an override of the same user, the source is that of the first.
func Join(shifts []Shift) []Shift {
	var out []Shift
	for _, s := range shifts {
		if n := len(out); n > 0 && out[n-1].User == s.User && out[n-1].End.Equal(s.Start) {
			out[n-1].End = s.End
			continue
		}
		out = append(out, s)
	}
	return out
}
